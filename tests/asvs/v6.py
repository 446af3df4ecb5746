"""Chapter V6: each line in our own words, and what proves it. Knows how nothing is rendered."""

from typing import Final

from tests.asvs.line import Line

LINES: Final = {
    "6.1.1": Line(
        "how guessing is slowed down, and how nobody is locked out on purpose, is written down",
        "test_documentation.py::test_the_security_document_has_the_limits_of_the_code",
        "test_documentation.py::test_every_threat_that_is_covered_has_a_test_with_its_number",
    ),
    "6.1.2": Line(
        "the words that have no place in a password here are listed",
        "protocol/test_password_rules.py::test_a03_a_name_known_here_needs_eight_more_characters",
    ),
    "6.1.3": Line(
        "every way in is written down with what it asks",
        "test_documentation.py::test_every_state_is_documented_and_drawn",
    ),
    "6.2.1": Line(
        "a password has eight characters or more", "hosting/test_sign_in.py::test_a03_a_new_password_follows_the_rules"
    ),
    "6.2.2": Line(
        "people can change their password", "cli/client/test_access.py::test_a_password_and_a_pin_are_changed"
    ),
    "6.2.3": Line(
        "changing it takes the old one",
        "hosting/test_sign_in.py::test_a01_a_wrong_old_password_counts_as_a_failed_login",
    ),
    "6.2.4": Line(
        "the passwords that everybody tries are refused",
        "protocol/test_password_rules.py::test_a03_a_password_that_is_tried_first_is_not_set",
    ),
    "6.2.5": Line(
        "no rule about kinds of characters",
        reason=(
            "Deviation: from 12 to 14 characters the product asks for a letter, a digit, a special character"
            " and both cases; from 15 on only the length counts."
        ),
    ),
    "6.2.6": Line(
        "what is typed is masked",
        "web/test_entry.py::test_every_secret_is_typed_unseen",
        reason="`hp` asks without echo.",
    ),
    "6.2.7": Line("pasting and password programs work", "cli/test_running.py::test_a_secret_may_be_piped_in"),
    "6.2.8": Line(
        "a password is compared as it was typed",
        "identity/test_passwords.py::test_the_right_password_and_no_other_passes",
        "identity/test_passwords.py::test_a_password_is_the_same_on_every_keyboard",
        reason=(
            "Nothing is cut and no case is changed; Unicode is brought to one form (NFKC), because keyboards differ."
        ),
    ),
    "6.2.9": Line(
        "64 characters are accepted", "asvs/test_secrets.py::test_sixty_four_characters_and_more_are_a_password"
    ),
    "6.2.10": Line(
        "no password must be changed because time has passed",
        "identity/test_ageing.py::test_the_school_decides_what_becomes_of_an_old_password",
        reason="A school may wish otherwise: then it deviates by its own decision.",
    ),
    "6.2.11": Line(
        "the list of local words is used",
        "protocol/test_password_rules.py::test_a03_a_name_known_here_needs_eight_more_characters",
    ),
    "6.2.12": Line(
        "passwords that leaked elsewhere are refused",
        "protocol/test_password_rules.py::test_a03_a_password_that_is_tried_first_is_not_set",
        reason="The list has the 30,000 that leak most often (zxcvbn); no service is asked.",
    ),
    "6.3.1": Line(
        "what is written about guessing is what happens",
        "attacks/test_guessing.py::test_a01_months_of_guessing_compare_a_hundred_passwords",
        "net/test_watch.py::test_a02_fifty_addresses_spraying_five_thousand_logins_trip_and_are_told",
        "attacks/test_guessing.py::test_a08_the_user_signs_in_at_first_try_during_the_siege",
    ),
    "6.3.2": Line("no account is there by default", "asvs/test_secrets.py::test_an_account_begins_without_a_user"),
    "6.3.3": Line(
        "more than one factor",
        "processes/test_live_certificates.py::test_t05_a_stolen_certificate_alone_opens_nothing",
        "identity/test_login.py::test_the_pin_is_asked_on_an_unregistered_device",
    ),
    "6.3.4": Line(
        "no way in that is weaker than the others or not written down",
        "routing/test_router.py::test_a17_every_message_in_every_state",
    ),
    "6.3.5": Line(
        "people hear of suspicious attempts",
        "hosting/test_sign_in.py::test_a03_who_comes_in_hears_how_many_guesses_there_were",
        "administration/test_security.py::test_t05_everybody_sees_from_where_they_came_in",
    ),
    "6.3.6": Line(
        "mail is no factor",
        "hosting/test_codes.py::test_a15_no_code_is_sent_where_none_may_be",
        reason=(
            "Only where a school wishes it, a code by mail stands for a forgotten PIN, once: beside the password, "
            "on an enrolled device. It stands for nothing else."
        ),
    ),
    "6.3.7": Line(
        "people hear when their credentials changed",
        "hosting/test_notices.py::test_people_are_told_what_was_done_to_their_account",
        reason="By mail where there is a relay; and who is signed in elsewhere hears why the session ended.",
    ),
    "6.3.8": Line(
        "nobody finds out which logins exist",
        "routing/test_router.py::test_a07_unknown_disabled_and_wrong_get_the_same_bytes",
        "attacks/test_enumeration.py::test_a07_nobody_tells_a_login_by_the_time",
        "attacks/test_enumeration.py::test_a07_nobody_tells_a_locked_login_by_the_time",
    ),
    "6.4.1": Line(
        "a password that was given is random, short-lived, and not kept",
        "hosting/test_sign_in.py::test_a_one_time_password_ends_soon_after_its_first_use",
        "hosting/test_sign_in.py::test_a_one_time_password_nobody_used_ends_after_its_week",
        "processes/test_controller.py::test_a17_a_one_time_password_is_changed_before_anything_else",
    ),
    "6.4.2": Line(
        "no hints, no secret questions",
        reason=(
            "No message, field or command of the kind exists: all of them are in the documents on the "
            "protocol and the commands."
        ),
    ),
    "6.4.3": Line(
        "a forgotten password is replaced without going around the other factors",
        "identity/test_login.py::test_a17_the_pin_comes_before_the_password_is_changed",
        "routing/test_router.py::test_a17_nobody_changes_a_password_for_who_has_a_pin",
    ),
    "6.4.4": Line(
        "a lost factor is replaced with the care of its first issue",
        "processes/test_live_certificates.py::test_an_ended_device_enrols_again_in_its_place",
    ),
    "6.4.5": Line(
        "who must renew something hears it early enough",
        "processes/test_live_certificates.py::test_a_certificate_of_sixty_days_is_renewed_at_sign_in",
    ),
    "6.4.6": Line(
        "an administrator starts a reset and does not choose the password",
        "administration/test_users.py::test_a_reset_password_is_for_one_sign_in",
        reason=(
            "Who resets is told the password that was drawn, to pass it on; it is good for one sign-in, and "
            "its use is seen."
        ),
    ),
    "6.5.1": Line(
        "codes are good once",
        "conformance/test_directory.py::test_t07_a_ticket_has_one_winner",
        "identity/test_tickets.py::test_r02_a_ticket_is_good_once",
        "hosting/test_codes.py::test_a15_a_code_is_good_once_on_the_session_that_asked",
    ),
    "6.5.2": Line("short codes are kept as a password is", "asvs/test_secrets.py::test_a_pin_is_kept_as_a_password_is"),
    "6.5.3": Line(
        "codes come from a generator for secrets",
        "attacks/test_tickets.py::test_a16_tickets_are_longer_than_any_guess",
        "hosting/test_codes.py::test_a15_codes_are_six_digits_of_chance",
    ),
    "6.5.4": Line(
        "codes have twenty bits at least, or six digits where guesses are few",
        "attacks/test_tickets.py::test_a16_tickets_are_longer_than_any_guess",
        "hosting/test_codes.py::test_a15_codes_are_six_digits_of_chance",
        "hosting/test_codes.py::test_a15_a_code_ends_after_five_guesses",
    ),
    "6.5.5": Line(
        "codes live ten minutes at most",
        "identity/test_tickets.py::test_r02_no_order_of_events_spends_a_ticket_twice_or_late",
        "hosting/test_codes.py::test_a15_a_code_is_good_for_ten_minutes",
        reason=(
            "Tickets into a planning live 30 seconds. Enrolment tickets are for registering a device, not "
            "for signing in: 15 minutes by default."
        ),
    ),
    "6.5.6": Line(
        "every factor can be taken back",
        "processes/test_live_certificates.py::test_t04_a_device_that_is_revoked_is_out_of_every_process_before_the_command_returns",
        "administration/test_users.py::test_a_measure_is_chosen_again",
    ),
    "6.5.7": Line("biometrics only beside another factor", reason="There are no biometrics."),
    "6.5.8": Line("the time of time-based codes is the server's", reason="There are no time-based codes."),
    "6.6.1": Line("codes by telephone only beside something stronger", reason="Nothing is sent by telephone."),
    "6.6.2": Line(
        "a code belongs to its request",
        "hosting/test_codes.py::test_a15_a_code_is_good_once_on_the_session_that_asked",
        "hosting/test_codes.py::test_a15_the_last_code_alone_is_good",
    ),
    "6.6.3": Line(
        "a code cannot be guessed",
        "hosting/test_codes.py::test_a15_a_code_ends_after_five_guesses",
        "hosting/test_codes.py::test_a15_three_codes_then_one_an_hour_whatever_restarts",
        "hosting/test_code_pace.py::test_a15_an_address_asks_no_codes_for_a_hundred_users",
        "net/test_watch.py::test_a15_codes_are_guesses_too",
    ),
    "6.6.4": Line("push messages cannot be sent without end", reason="There are no push messages."),
    "6.7.1": Line(
        "certificates that others are checked by cannot be changed",
        "certs/test_files.py::test_t09_key_files_are_for_their_owner",
        "certs/test_files.py::test_t09_a_directory_open_to_others_is_refused",
    ),
    "6.7.2": Line(
        "challenges are long and never repeated",
        reason=(
            "The challenge is that of TLS 1.3, made by OpenSSL in each handshake; no session is resumed "
            "(`test_t03_no_session_ticket_is_ever_issued`)."
        ),
    ),
    "6.8.1": Line(
        "who signs in elsewhere cannot take a local name",
        "administration/test_users.py::test_a18_an_identifier_elsewhere_is_of_one_user",
        "web/test_delegated.py::test_a18_the_login_of_a_superadministrator_is_no_identity_elsewhere",
    ),
    "6.8.2": Line(
        "what an identity provider says is signed",
        "hosting/test_cas.py::test_a_service_that_another_authority_vouches_for_is_asked_nothing",
        reason="CAS signs nothing: the provider is asked itself, in TLS, with the authority that was configured.",
    ),
    "6.8.3": Line(
        "what it says is used once",
        "hosting/test_cas.py::test_a16_a_ticket_is_good_once_and_for_its_own_service",
        "web/test_delegated.py::test_a16_who_is_sent_to_us_with_another_s_ticket_is_not_signed_in",
    ),
    "6.8.4": Line(
        "what it says of its strength is checked",
        "hosting/test_cas.py::test_a17_a_browser_that_was_left_open_at_the_service_is_no_sign_in",
        "web/test_delegated.py::test_a17_the_measure_of_a_user_is_asked_after_the_service_too",
        reason="It must have asked for a password just now (`renew`); certificate and PIN are asked here all the same.",
    ),
}
