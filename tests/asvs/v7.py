"""Chapter V7: each line in our own words, and what proves it. Knows how nothing is rendered."""

from typing import Final

from tests.asvs.line import Line

LINES: Final = {
    "7.1.1": Line(
        "how long a session lasts is written down",
        "test_documentation.py::test_the_security_document_has_the_limits_of_the_code",
    ),
    "7.1.2": Line(
        "how many sessions at once is written down",
        "processes/test_live_sessions.py::test_the_oldest_of_too_many_sessions_is_told_and_closed",
        "test_documentation.py::test_the_security_document_has_the_limits_of_the_code",
    ),
    "7.1.3": Line(
        "sessions shared with others are written down",
        reason="Decision 23: sessions here have their own limits, and signing out at the provider is not told to us.",
    ),
    "7.2.1": Line(
        "tokens are judged by the server",
        "processes/test_live_trust.py::test_r02_ticket_is_spent_once_by_who_it_was_given_to",
    ),
    "7.2.2": Line(
        "tokens are made for each session", "processes/test_desk.py::test_r02_a_found_planning_has_a_fresh_ticket"
    ),
    "7.2.3": Line("tokens have 128 random bits", "attacks/test_tickets.py::test_a16_tickets_are_longer_than_any_guess"),
    "7.2.4": Line(
        "signing in makes a new token",
        "processes/test_desk.py::test_r02_a_found_planning_has_a_fresh_ticket",
        "web/test_entry.py::test_a16_every_sign_in_has_a_cookie_of_its_own",
        reason="At the controller the session is the TLS line: nothing could be carried over from before.",
    ),
    "7.3.1": Line(
        "a session ends when nobody uses it",
        "identity/test_sessions.py::test_idle_is_who_does_nothing_and_over_is_who_was_here_long_enough",
        "processes/test_live_limits.py::test_a13_an_idle_session_and_one_that_has_lasted_are_ended_and_told_why",
    ),
    "7.3.2": Line(
        "a session ends after so many hours",
        "routing/test_entering.py::test_a_session_lasts_twelve_hours",
        "routing/test_router.py::test_s07_no_session_is_immortal",
        "processes/test_live_limits.py::test_a13_an_idle_session_and_one_that_has_lasted_are_ended_and_told_why",
    ),
    "7.4.1": Line(
        "after signing out a session is over",
        "routing/test_router.py::test_logout_ends_the_session",
        "web/test_entry.py::test_the_manager_signs_in_and_out",
    ),
    "7.4.2": Line(
        "who is disabled or deleted is out",
        "processes/test_controller.py::test_a13_who_is_shut_out_is_closed_before_the_answer",
        "administration/test_users.py::test_a_deleted_user_leaves_nothing",
    ),
    "7.4.3": Line(
        "after a change of credentials other sessions end",
        "processes/test_controller.py::test_a13_a_changed_password_closes_the_other_devices_before_the_answer",
        "web/test_entry.py::test_a13_another_password_ends_the_sessions_of_before",
    ),
    "7.4.4": Line(
        "signing out is easy to find",
        "web/test_entry.py::test_the_manager_signs_in_and_out",
        reason="On every page of the console; `Logout` is in the protocol, and ending `hp` signs out.",
    ),
    "7.4.5": Line(
        "administrators can end sessions",
        "administration/test_users.py::test_a13_who_is_shut_out_is_out_when_it_is_answered",
        "processes/test_live_sessions.py::test_all_sessions_of_a_user_are_closed_at_once",
    ),
    "7.5.1": Line(
        "changing what one signs in with takes the password again",
        "hosting/test_sign_in.py::test_another_pin_needs_the_password_and_forgets_what_was_wrong",
    ),
    "7.5.2": Line(
        "people see their sessions and can end them",
        "administration/test_sessions.py::test_everybody_sees_their_own_sessions_and_a_superadmin_all",
        "processes/test_live_sessions.py::test_a13_one_session_is_seen_and_closed_before_the_answer",
    ),
    "7.5.3": Line(
        "what is sensitive takes the password again",
        "administration/test_office.py::test_what_is_sensitive_wants_the_password_again",
        "processes/test_controller.py::test_a_password_is_proved_again",
    ),
    "7.6.1": Line(
        "sessions end as the identity provider and we agreed",
        "web/test_delegated.py::test_a13_a_session_ends_with_what_vouched_for_it",
        reason="Ours last as those of passwords do, and each begins with a password typed at the provider just now.",
    ),
    "7.6.2": Line(
        "no session without somebody's wish",
        reason="Each session begins with a password, here or at the provider (`renew`), in a browser that left for it.",
    ),
}
