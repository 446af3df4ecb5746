"""Chapter V8: each line in our own words, and what proves it. Knows how nothing is rendered."""

from typing import Final

from tests.asvs.line import Line

LINES: Final = {
    "8.1.1": Line(
        "who may do what is written down",
        "planning/test_rights.py::test_every_request_of_a_planning_has_a_rule_and_the_engine_answers_no_other",
        "administration/test_office.py::test_every_wish_has_its_case_and_every_writing_case_its_event",
    ),
    "8.1.2": Line(
        "who sees which fields is written down",
        "planning/test_rights.py::test_every_kind_has_a_level_in_every_profile",
        reason=(
            "Rights are by kind and by category; within an object there are no levels, but lists and "
            "references are cut to what is seen."
        ),
    ),
    "8.1.3": Line(
        "what of the surroundings counts is written down",
        "test_documentation.py::test_the_security_document_has_the_limits_of_the_code",
    ),
    "8.1.4": Line(
        "and how it counts", "net/test_watch.py::test_a08_a_registered_device_is_not_kept_waiting_by_its_neighbours"
    ),
    "8.2.1": Line(
        "functions are for who may",
        "planning/test_rights.py::test_every_request_of_a_planning_has_a_rule_and_the_engine_answers_no_other",
        "administration/test_case.py::test_a_case_is_for_superadmins_unless_it_says_otherwise",
    ),
    "8.2.2": Line(
        "objects are for who may",
        "planning/test_engine.py::test_r01_another_plannings_name_is_refused",
        "planning/test_rights.py::test_what_is_not_seen_is_refused_as_what_is_not_there",
    ),
    "8.2.3": Line(
        "fields are for who may",
        "planning/test_rights.py::test_what_a_list_holds_unseen_stays_in_it",
        "properties/test_rights.py::test_r01_nothing_invisible_is_in_any_byte",
    ),
    "8.2.4": Line(
        "surroundings count, when a session begins and later",
        "net/test_listener.py::test_a_checked_certificate_bears_its_own_faults",
        "processes/test_live_trust.py::test_t04_revoked_certificate_closes_open_sessions_and_stays_out",
    ),
    "8.3.1": Line(
        "the server judges, not the client", "planning/test_engine.py::test_r01_another_plannings_name_is_refused"
    ),
    "8.3.2": Line(
        "a change of rights counts at once",
        "processes/test_live_rights.py::test_a13_a_profile_that_was_changed_reaches_open_sessions",
    ),
    "8.3.3": Line(
        "rights are those of who asked, not of who passes it on",
        "routing/test_asking.py::test_a_wish_carries_who_asks_and_whether_the_password_is_fresh",
        "processes/test_live_trust.py::test_r01_removed_assignment_ends_the_session",
    ),
    "8.4.1": Line(
        "one school cannot reach another",
        "processes/test_live_trust.py::test_t02_device_of_another_account_is_refused",
        "processes/test_live_trust.py::test_r01_planning_of_others_does_not_exist",
        "administration/test_two_accounts.py::test_r01_no_wish_reaches_another_school",
    ),
    "8.4.2": Line(
        "administration has more than one wall",
        "administration/test_office.py::test_what_is_sensitive_wants_the_password_again",
        "administration/test_office.py::test_a13_a_status_that_may_not_is_refused_and_changes_nothing",
        "processes/test_live_certificates.py::test_t05_a_stolen_certificate_alone_opens_nothing",
    ),
}
