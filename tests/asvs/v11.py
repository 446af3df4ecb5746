"""Chapter V11: each line in our own words, and what proves it. Knows how nothing is rendered."""

from typing import Final

from tests.asvs.line import Line

LINES: Final = {
    "11.1.1": Line(
        "the life of every key is written down",
        "test_documentation.py::test_the_security_document_has_the_limits_of_the_code",
        "hosting/test_keyring.py::test_a_rotation_is_trusted_before_it_signs",
    ),
    "11.1.2": Line(
        "keys, algorithms and certificates are listed",
        "test_documentation.py::test_the_security_document_has_the_limits_of_the_code",
    ),
    "11.1.3": Line(
        "uses of cryptography are found by search",
        "asvs/test_code.py::test_cryptography_is_used_where_it_is_known_to_be",
    ),
    "11.1.4": Line(
        "there is a plan for other algorithms",
        reason=(
            "Not reached: a rotation of keys exists, a plan for algorithms that resist quantum computers does not."
        ),
    ),
    "11.2.1": Line(
        "implementations are those of known libraries",
        "asvs/test_code.py::test_cryptography_is_used_where_it_is_known_to_be",
    ),
    "11.2.2": Line(
        "costs, keys and algorithms can be replaced",
        "hosting/test_sign_in.py::test_an_old_hash_is_made_anew_at_the_next_login",
        "processes/test_live_certificates.py::test_a_rotation_reaches_servers_and_devices_without_a_person",
    ),
    "11.2.3": Line(
        "128 bits of strength",
        "certs/test_authority.py::test_t06_only_p256_keys_are_certified",
        "identity/test_passwords.py::test_costs_are_those_of_the_standards",
    ),
    "11.2.4": Line("comparisons take the same time", "asvs/test_code.py::test_secrets_are_compared_in_constant_time"),
    "11.2.5": Line(
        "what fails is closed, and tells nothing",
        "identity/test_passwords.py::test_a_damaged_hash_lets_nobody_in",
        "hosting/test_backup_keys.py::test_other_keys_and_other_bits_open_nothing",
    ),
    "11.3.1": Line("no weak modes", "asvs/test_code.py::test_no_weak_algorithm_is_named_in_the_code"),
    "11.3.2": Line(
        "approved ciphers",
        "asvs/test_code.py::test_every_suite_of_tls_is_authenticated_and_forward_secret",
        "hosting/test_backup_keys.py::test_other_keys_and_other_bits_open_nothing",
    ),
    "11.3.3": Line(
        "what is encrypted is protected against change",
        "hosting/test_backup_keys.py::test_other_keys_and_other_bits_open_nothing",
        reason=(
            "The sealed root key alone is standard PKCS#8 in AES-256-CBC without a tag: a changed one is no "
            "key, or not the one of the certificate."
        ),
    ),
    "11.3.4": Line(
        "nonces are never used twice",
        reason=(
            "They are made by the libraries (TLS by OpenSSL); a backup is sealed with a key of its own each "
            "time (`test_what_was_sealed_is_opened_with_the_private_key`)."
        ),
    ),
    "11.3.5": Line(
        "encrypt, then authenticate",
        reason=(
            "Lines and backups use authenticated modes only, where the question does not arise. The sealed "
            "root key is standard PKCS#8, in CBC: it is read on the machine by its owner, who has no oracle "
            "to ask."
        ),
    ),
    "11.4.1": Line(
        "approved hashes only",
        "asvs/test_code.py::test_no_weak_algorithm_is_named_in_the_code",
        "certs/test_peer.py::test_t02_a_leaf_signed_with_sha1_is_refused",
    ),
    "11.4.2": Line(
        "passwords are kept under a costly hash",
        "identity/test_passwords.py::test_costs_are_those_of_the_standards",
        "hosting/test_calibrating.py::test_less_than_the_floor_is_refused_at_the_start",
    ),
    "11.4.3": Line(
        "hashes of signatures have 256 bits",
        "certs/test_peer.py::test_t02_a_leaf_signed_with_another_hash_is_refused",
        "certs/test_many.py::test_every_certificate_keeps_the_profile",
    ),
    "11.4.4": Line(
        "keys from passwords are stretched", "certs/test_sealing.py::test_a_guess_costs_memory_in_production"
    ),
    "11.5.1": Line(
        "128 random bits where nobody may guess",
        "attacks/test_tickets.py::test_a16_tickets_are_longer_than_any_guess",
        "asvs/test_code.py::test_secrets_come_from_the_generator_for_secrets",
    ),
    "11.5.2": Line(
        "chance that does not run out",
        reason="It is the kernel's `getrandom`, which does not run out once it has begun.",
    ),
    "11.6.1": Line(
        "keys are made, and signatures checked, with approved algorithms",
        "certs/test_authority.py::test_t06_only_p256_keys_are_certified",
        "certs/test_requests.py::test_t06_a_request_signed_with_an_unknown_algorithm_is_refused",
    ),
    "11.6.2": Line(
        "keys are exchanged with sound parameters",
        "asvs/test_code.py::test_every_suite_of_tls_is_authenticated_and_forward_secret",
        reason="The groups are OpenSSL's for TLS 1.3.",
    ),
    "11.7.1": Line("memory is encrypted", reason="It is the machine's to offer."),
    "11.7.2": Line(
        "as little as possible is in the clear, as shortly as possible",
        "processes/test_live_certificates.py::test_t09_only_the_signer_has_ever_had_the_key",
    ),
}
