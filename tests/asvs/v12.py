"""Chapter V12: each line in our own words, and what proves it. Knows how nothing is rendered."""

from typing import Final

from tests.asvs.line import Line

LINES: Final = {
    "12.1.1": Line(
        "the newest TLS only",
        "net/test_listener.py::test_t01_tls_1_2_gets_the_alert_of_its_version",
        "processes/test_live_trust.py::test_t01_plain_text_and_old_tls_get_an_alert_and_no_other_byte",
    ),
    "12.1.2": Line(
        "recommended suites, forward secret",
        "asvs/test_code.py::test_every_suite_of_tls_is_authenticated_and_forward_secret",
    ),
    "12.1.3": Line(
        "a client's certificate is judged before it counts",
        "certs/test_peer.py::test_t02_a_bad_leaf_of_our_own_issuer_is_refused",
        "processes/test_live_trust.py::test_t02_certificate_that_no_directory_knows_is_refused",
    ),
    "12.1.4": Line(
        "revocation works",
        "certs/test_peer.py::test_t02_a_revoked_leaf_is_refused_also_when_known",
        "hosting/test_trust.py::test_a_revoked_certificate_is_refused_after_the_next_look",
    ),
    "12.1.5": Line(
        "the name asked for is hidden",
        reason=(
            "Not reached: Python's ssl offers no encrypted ClientHello; the name is that of a school or a planning."
        ),
    ),
    "12.2.1": Line(
        "HTTP only over TLS",
        "web/test_entrance.py::test_a_name_that_nobody_serves_gets_nothing",
        reason="Between a browser and `hp console` on one machine it is plain, on the loopback address.",
    ),
    "12.2.2": Line(
        "public certificates for the public",
        reason="There is no public page yet: all clients are ours, and pin the root of their own school.",
    ),
    "12.3.1": Line(
        "every line is encrypted",
        "certs/test_contexts.py::test_t01_plain_text_gets_no_answer",
        reason=(
            "Between processes of one machine: Unix sockets, directories of 0700, the kernel's word for who connects."
        ),
    ),
    "12.3.2": Line(
        "clients judge the server",
        "certs/test_contexts.py::test_a_device_refuses_a_server_of_another_name",
        "certs/test_contexts.py::test_a_device_refuses_a_server_of_another_root",
    ),
    "12.3.3": Line("HTTP between services over TLS", reason="There is no HTTP between our processes."),
    "12.3.4": Line(
        "own certificates are trusted by name",
        "certs/test_contexts.py::test_a_device_refuses_a_server_of_another_root",
        "certs/test_param_client.py::test_r05_a_foreign_chain_is_refused",
    ),
    "12.3.5": Line(
        "services prove to each other who they are",
        "processes/test_live_trust.py::test_r03_another_user_is_refused_even_with_the_secret",
        "processes/test_live_trust.py::test_r03_internal_sockets_want_the_secret_of_this_start",
        "processes/test_signer.py::test_t09_who_does_not_know_the_secret_of_this_start_is_not_heard",
    ),
}
