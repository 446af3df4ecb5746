"""Chapter V16: each line in our own words, and what proves it. Knows how nothing is rendered."""

from typing import Final

from tests.asvs.line import Line

LINES: Final = {
    "16.1.1": Line(
        "what is logged, where, and for how long is written down",
        "administration/test_audit.py::test_old_events_are_forgotten_but_not_by_anybody",
        reason="The events are in the chapter *What is logged* of the document on security.",
    ),
    "16.2.1": Line(
        "when, where, who, what",
        "test_log.py::test_line_is_json_with_its_time_level_and_process",
        "administration/test_audit.py::test_what_is_done_refused_and_not_done_is_kept",
    ),
    "16.2.2": Line(
        "times are UTC",
        "test_log.py::test_line_is_json_with_its_time_level_and_process",
        reason="Clocks are the machine's: it should run NTP.",
    ),
    "16.2.3": Line(
        "logs go where the document says",
        reason=(
            "To the standard output of each process, and the audit to a file of its own: nothing else is "
            "opened for writing lines."
        ),
    ),
    "16.2.4": Line("machines can read it", "test_log.py::test_line_is_json_with_its_time_level_and_process"),
    "16.2.5": Line(
        "no secrets in it",
        "test_log.py::test_secret_never_reaches_the_log",
        "administration/test_audit.py::test_no_secret_is_told",
    ),
    "16.3.1": Line(
        "every sign-in, right or wrong",
        "processes/test_controller.py::test_from_the_enrolment_file_to_the_list_of_plannings",
        "hosting/test_sign_in.py::test_a_sign_in_is_kept",
    ),
    "16.3.2": Line(
        "what was not allowed",
        "administration/test_audit.py::test_what_is_done_refused_and_not_done_is_kept",
        reason=(
            "In administration, in the chained log. A refused edit inside a planning is answered and not written down."
        ),
    ),
    "16.3.3": Line(
        "attempts to go around",
        "processes/test_controller.py::test_a02_a_device_that_sprays_is_stopped_and_told_of",
        "test_log.py::test_t02_who_is_turned_away_is_written_and_a_flood_is_counted",
    ),
    "16.3.4": Line(
        "faults of ours, and of TLS",
        "test_log.py::test_exception_is_written_with_its_frames_and_no_variables",
        "test_log.py::test_t02_who_is_turned_away_is_written_and_a_flood_is_counted",
    ),
    "16.4.1": Line(
        "no name writes a line", "test_log.py::test_s11_login_name_can_neither_write_a_line_nor_move_the_cursor"
    ),
    "16.4.2": Line(
        "nobody reads or changes the log",
        "store/test_chain.py::test_a_chain_verifies",
        "store/test_audit.py::test_a_log_of_another_key_is_not_ours",
    ),
    "16.4.3": Line(
        "logs are kept on another machine too",
        reason="It is the operator's: lines of JSON on standard output, for whatever collects them.",
    ),
    "16.5.1": Line(
        "people see no traceback",
        "cli/client/test_planning.py::test_no_mistake_of_a_person_is_a_traceback",
        "protocol/test_codec.py::test_p02_the_peers_bytes_are_not_repeated_in_the_refusal",
    ),
    "16.5.2": Line(
        "what fails outside does not open a door",
        "administration/test_audit.py::test_what_cannot_be_audited_is_not_done",
        "processes/test_signing.py::test_without_a_signer_it_is_busy_with_a_time",
    ),
    "16.5.3": Line(
        "a fault never lets through",
        "faults/test_store_faults.py::test_s03_every_single_failure_is_safe",
        "planning/test_mishaps.py::test_an_edit_whose_trial_fails_leaves_nothing_behind",
    ),
    "16.5.4": Line(
        "no fault takes the process down unseen",
        "planning/test_mishaps.py::test_a_question_that_fails_is_refused_under_a_number_and_the_others_go_on",
        "processes/test_zygote.py::test_error_that_a_role_lets_through_is_its_last_word",
    ),
}
