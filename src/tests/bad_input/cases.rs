//! Every number of the design's list, and where it is proved. The table cannot lie: a test that it names must be there, and so
//! must a story in the browser; and every number stands in it once.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use Proof::{InTheBrowser, NotApplicable, Proved};

/// Where a case is proved, or why it is not.
enum Proof {
    /// A test, by its rooms and its name; `tests` is left out.
    Proved(&'static str),
    /// A story of `end2end/stories`: its file, and its title.
    InTheBrowser(&'static str),
    /// What is not built, so that nobody can do it.
    NotApplicable(&'static str),
}

/// How many numbers each letter has in the design.
const LETTERS: [(char, usize); 15] = [
    ('A', 20),
    ('B', 15),
    ('C', 15),
    ('D', 15),
    ('E', 17),
    ('F', 13),
    ('G', 12),
    ('H', 12),
    ('I', 14),
    ('J', 6),
    ('K', 11),
    ('L', 14),
    ('M', 9),
    ('N', 8),
    ('O', 10),
];

const MARKUP: Proof = Proved("bad_input::a_metadata::what_looks_like_markup_stays_text_on_every_page");
const CLEANED: Proof = Proved("bad_input::a_metadata::a_page_says_no_more_of_itself_than_it_may");
const HEADERS: Proof = Proved("bad_input::a_metadata::headers_are_believed_nothing_and_split_nothing");
const NAMES: Proof = Proved("bad_input::a_metadata::a_visitors_name_has_visible_characters_only_and_is_no_agents");
const MESSAGES: Proof = Proved("bad_input::b_messages::a_message_is_text_that_can_be_seen_and_nothing_more");
const LINKS: Proof = Proved("protocol::link::nothing_else_is_a_link");
const SESSIONS: Proof = Proved("bad_input::c_sign_in::a_session_is_new_and_its_cookie_the_only_way_in");
const FIELDS: Proof = Proved("bad_input::d_access_control::fields_that_are_not_asked_for_change_nothing");
const FIRST_FRAME: Proof = Proved("bad_input::e_sockets::a_visitors_socket_says_what_was_wrong_and_lives_on");
const FLOOD: Proof = Proved("bad_input::e_sockets::a_flood_of_anything_is_ended");
const DOORS: Proof =
    Proved("stories::origins_and_sessions::an_agents_socket_opens_for_our_own_origin_and_a_session_only");
const KINDS: Proof = Proved("bad_input::f_types::a_body_of_another_kind_is_not_read");
const ONCE: Proof = Proved("bad_input::f_types::a_request_says_everything_once_and_by_a_known_method");
const NUMBERS: Proof = Proved("bad_input::f_types::a_number_is_a_whole_one_within_its_bounds");
const HTTP: Proof = Proved("bad_input::k_http::every_answer_is_strict_kept_by_nobody_and_for_our_own_pages");
const ELSEWHERE: Proof = Proved("bad_input::k_http::nobody_is_led_elsewhere");
const FAILURES: Proof = Proved("bad_input::k_http::failures_repeat_nothing_and_name_nothing");
const LOOK_ALIKE: Proof = Proved("bad_input::c_sign_in::nobody_learns_who_has_an_account");

const MARKUP_SEEN: Proof = InTheBrowser(
    "bad-input: A1 A2 A3 A8 A9 A17 B2 B3 H3: a visitor who is all markup is read as he typed, on every page of the dashboard",
);
const ADMIN_SEEN: Proof = InTheBrowser(
    "bad-input: A3 B11: what an admin has typed is text in his dashboard, in the composer and in the concierge",
);
const LINKS_SEEN: Proof = InTheBrowser(
    "bad-input: A4 B1 B4 B5: only http, https and an e-mail become links, and they open with nothing of ours",
);
const TOLD: Proof = InTheBrowser(
    "pasted-text: A11 A20: the tab's title and the system's notice are told a name as text, without what turns it round",
);
const DASHBOARD_POLICY: Proof =
    InTheBrowser("content-security-policy: K5 K6: the dashboard's policy is sent with every page, and holds");
const FRAME_POLICY: Proof =
    InTheBrowser("content-security-policy: B2: the frame's policy names the concierge's sites, and holds");
const ONE_HOST: Proof =
    InTheBrowser("hostile-page: L1: the frame listens to its own host page, once, and to no other window");
const OWN_FRAME: Proof =
    InTheBrowser("hostile-page: L1 L2: the loader listens to its own frame, and the host page is told nothing");
const TAMPERED: Proof = InTheBrowser(
    "hostile-page: L7 N3: with tampered builtins, a hostile style and spied storage the chat works, and the page's own is not touched",
);
const NO_REQUESTS: Proof =
    NotApplicable("the program asks nobody for anything: no webhooks, no previews, no pictures by address");
const NO_IDENTITY: Proof = NotApplicable("a visitor is not vouched for by the site's own server");

const CASES: &[(&str, &[Proof])] = &[
    ("A1", &[MARKUP, MARKUP_SEEN]),
    ("A2", &[MARKUP, MARKUP_SEEN]),
    ("A3", &[MARKUP, MARKUP_SEEN, ADMIN_SEEN]),
    ("A4", &[CLEANED, LINKS_SEEN]),
    ("A5", &[CLEANED]),
    ("A6", &[CLEANED]),
    ("A7", &[CLEANED]),
    ("A8", &[HEADERS, MARKUP_SEEN]),
    ("A9", &[HEADERS, MARKUP_SEEN]),
    ("A10", &[Proved("server::client_identity::a_stranger_cannot_name_himself")]),
    ("A11", &[NAMES, TOLD]),
    ("A12", &[NAMES]),
    ("A13", &[NAMES, Proved("bad_input::a_metadata::half_a_letter_is_no_frame")]),
    ("A14", &[NAMES, HEADERS]),
    ("A15", &[NAMES, Proved("engine::email::what_is_no_address_is_refused")]),
    ("A16", &[NotApplicable("a site tells nothing of its visitors but the page they are on")]),
    (
        "A17",
        &[
            Proved("engine::opening::a_zone_is_known_or_utc"),
            Proved("engine::concierges::every_field_that_cannot_be_is_told_at_once"),
            MARKUP_SEEN,
        ],
    ),
    (
        "A18",
        &[
            Proved("engine::concierges::a_color_is_six_digits"),
            Proved("server::concierge::document::a_preview_has_the_look_and_no_script"),
        ],
    ),
    ("A19", &[Proved("stories::set_up::what_the_installer_types_stays_text_and_what_cannot_be_is_told")]),
    ("A20", &[TOLD]),
    ("B1", &[LINKS, LINKS_SEEN]),
    ("B2", &[MARKUP, MARKUP_SEEN, FRAME_POLICY]),
    ("B3", &[LINKS, MARKUP_SEEN]),
    ("B4", &[Proved("protocol::link::the_real_host_is_what_is_read"), LINKS_SEEN]),
    ("B5", &[Proved("protocol::link::letters_that_look_alike_are_shown_in_punycode"), LINKS_SEEN]),
    ("B6", &[Proved("protocol::link::a_bomb_costs_nothing")]),
    ("B7", &[InTheBrowser("pasted-text: B7: the longest line without a space wraps, and nothing stands still")]),
    ("B8", &[MESSAGES]),
    ("B9", &[MESSAGES, Proved("widget::talking::a_message_that_cannot_be_goes_back_into_the_composer")]),
    ("B10", &[Proved("bad_input::b_messages::a_frame_larger_than_frames_are_is_cut_off")]),
    (
        "B11",
        &[
            Proved("protocol::reply::names_are_put_in_once_and_never_read_again"),
            Proved("server::concierge::document::what_an_admin_typed_stays_text"),
            ADMIN_SEEN,
        ],
    ),
    ("B12", &[NotApplicable("no letter holds what a visitor wrote")]),
    ("B13", &[MESSAGES]),
    ("B14", &[InTheBrowser("pasted-text: B14: what is pasted comes as text, into both composers")]),
    ("B15", &[Proved("engine::store::message_edits::nobody_changes_what_is_not_his_or_is_long_said")]),
    ("C1", &[Proved("bad_input::c_sign_in::who_tries_passwords_must_wait_and_the_owner_need_not")]),
    ("C2", &[LOOK_ALIKE]),
    ("C3", &[LOOK_ALIKE]),
    ("C4", &[Proved("engine::people::a_lost_password_is_set_anew_by_a_link_once"), ELSEWHERE]),
    (
        "C5",
        &[
            Proved("stories::agents::scenario_19_a_new_password_or_the_end_of_an_account_closes_every_socket"),
            Proved("engine::people::a_new_password_ends_the_other_sign_ins_and_keeps_this_one"),
        ],
    ),
    ("C6", &[Proved("engine::people::another_role_and_no_access_reach_the_open_dashboards")]),
    ("C7", &[SESSIONS]),
    (
        "C8",
        &[
            Proved("engine::people::the_password_alone_opens_nothing_and_a_code_is_good_once"),
            Proved("engine::people::a_recovery_code_is_good_once_and_five_wrong_ones_must_wait"),
        ],
    ),
    (
        "C9",
        &[
            Proved("engine::people::the_password_alone_opens_nothing_and_a_code_is_good_once"),
            Proved("stories::set_up::who_has_a_second_factor_is_asked_for_it"),
        ],
    ),
    ("C10", &[SESSIONS]),
    ("C11", &[NotApplicable("nobody signs in by another's word: no OpenID Connect")]),
    ("C12", &[SESSIONS, Proved("screens::cookie::behind_https_the_cookie_is_of_this_host_and_of_secure_answers_only")]),
    ("C13", &[SESSIONS]),
    ("C14", &[Proved("stories::set_up::the_first_start_leads_to_a_page_that_is_gone_afterwards")]),
    ("C15", &[Proved("engine::people::what_opens_the_account_asks_for_the_password")]),
    (
        "D1",
        &[
            Proved("authorization::every_server_function_is_for_whom_the_table_says"),
            Proved("authorization::every_screen_is_for_whom_the_table_says_to_read_and_to_fill_in"),
            Proved("authorization::every_route_stands_in_the_table_and_tells_nobody_more_than_it_says"),
            Proved("authorization::a_frame_about_what_is_not_there_changes_nothing_and_says_so"),
        ],
    ),
    (
        "D2",
        &[
            Proved("bad_input::d_access_control::every_id_of_nothing_has_the_same_answer"),
            Proved("stories::organizations::the_second_tenants_data_is_not_found_by_server_functions_and_pages"),
        ],
    ),
    (
        "D3",
        &[
            Proved(
                "bad_input::d_access_control::a_wrong_token_is_nobody_and_anothers_invitation_and_chat_cannot_be_touched",
            ),
            Proved("stories::organizations::a_visitor_of_one_tenant_is_unknown_to_the_other"),
        ],
    ),
    ("D4", &[NotApplicable("nothing that a client says names a topic: frames hold ids, and there is no message bus")]),
    (
        "D5",
        &[
            Proved("stories::organizations::the_second_tenants_data_is_not_found_by_server_functions_and_pages"),
            Proved("stories::organizations::the_second_tenants_data_is_not_found_by_frames"),
            Proved("stories::organizations::a_chat_cannot_be_handed_to_another_tenant"),
            Proved("engine::people::another_organizations_people_are_not_there"),
            Proved("engine::store::concierges::another_organization_has_neither_the_concierge_nor_the_team"),
        ],
    ),
    ("D6", &[FIELDS, Proved("protocol::codec::bytes_left_over_are_not_a_frame")]),
    ("D7", &[FIELDS, Proved("protocol::codec::bytes_left_over_are_not_a_frame")]),
    (
        "D8",
        &[
            Proved("stories::files::access_and_retention::a_file_is_not_there_for_others"),
            Proved("stories::files::access_and_retention::who_is_erased_has_no_file_left"),
        ],
    ),
    ("D9", &[Proved("engine::operations::notes::no_visitor_ever_gets_a_note_or_a_whisper")]),
    (
        "D10",
        &[
            Proved("engine::history::an_agent_sees_his_teams_and_his_own_and_those_above_see_all"),
            Proved("engine::store::history::who_may_not_look_finds_nothing"),
        ],
    ),
    ("D11", &[Proved("bad_input::d_access_control::no_answer_holds_a_hash_or_a_token")]),
    ("D12", &[NotApplicable("there are no tokens for programs")]),
    (
        "D13",
        &[
            Proved("authorization::every_screen_is_for_whom_the_table_says_to_read_and_to_fill_in"),
            Proved("bad_input::k_http::nothing_changes_by_get_or_for_another_site"),
        ],
    ),
    ("D14", &[FIELDS]),
    ("D15", &[NotApplicable("no transcript is mailed")]),
    ("E1", &[DOORS, Proved("bad_input::e_sockets::a_socket_opens_by_its_own_way_only")]),
    ("E2", &[DOORS]),
    ("E3", &[Proved("bad_input::e_sockets::who_says_nothing_and_who_reads_nothing_is_let_go")]),
    (
        "E4",
        &[
            FIRST_FRAME,
            Proved("bad_input::e_sockets::an_agents_socket_takes_neither_text_nor_noise_nor_another_version"),
            Proved("protocol::codec::any_bytes_are_read_or_refused"),
        ],
    ),
    ("E5", &[FIRST_FRAME]),
    ("E6", &[Proved("bad_input::e_sockets::frames_that_are_none_of_a_websocket_end_it")]),
    ("E7", &[FLOOD]),
    (
        "E8",
        &[
            Proved("bad_input::e_sockets::an_address_has_so_many_tabs_and_stands_in_no_file"),
            Proved("engine::operations::quiet_time::nobody_takes_all_tabs_alone"),
        ],
    ),
    (
        "E9",
        &[
            Proved("bad_input::e_sockets::who_says_nothing_and_who_reads_nothing_is_let_go"),
            Proved("engine::outbound_queue::the_bytes_are_bounded_too"),
        ],
    ),
    (
        "E10",
        &[
            Proved("stories::origins_and_sessions::scenario_19_signing_out_closes_every_socket_of_the_session"),
            Proved("stories::agents::scenario_19_a_new_password_or_the_end_of_an_account_closes_every_socket"),
        ],
    ),
    ("E11", &[Proved("bad_input::o_delivery::one_name_is_one_message_however_often_and_from_wherever_it_comes")]),
    ("E12", &[FLOOD]),
    ("E13", &[FIRST_FRAME, Proved("protocol::codec::a_length_of_four_gigabytes_with_ten_bytes_behind_it_is_refused")]),
    (
        "E14",
        &[
            Proved("stories::visitor_tabs::scenario_3_a_yes_in_two_tabs_is_one_chat_in_both"),
            Proved("bad_input::o_delivery::one_name_is_one_message_however_often_and_from_wherever_it_comes"),
        ],
    ),
    ("E15", &[Proved("bad_input::e_sockets::a_socket_opens_by_its_own_way_only")]),
    ("E16", &[Proved("bad_input::e_sockets::a_socket_opens_by_its_own_way_only")]),
    ("E17", &[FLOOD, Proved("bad_input::e_sockets::typing_is_told_once_a_second")]),
    ("F1", &[KINDS, DOORS]),
    (
        "F2",
        &[
            Proved("engine::store::history::no_sign_in_the_words_means_anything"),
            Proved("engine::store::history::any_words_are_searched_for"),
            Proved("stories::history::an_old_chat_is_found_by_its_words_and_read_as_it_was"),
        ],
    ),
    ("F3", &[FIELDS]),
    ("F4", &[NotApplicable("nothing that anybody types is a regular expression")]),
    ("F5", &[NUMBERS]),
    ("F6", &[NUMBERS, Proved("screens::day::what_is_no_day_is_none")]),
    (
        "F7",
        &[
            Proved("bad_input::f_types::a_path_leads_nowhere_else"),
            Proved("server::dashboard_files::a_name_cannot_leave_its_folder"),
        ],
    ),
    ("F8", &[KINDS]),
    ("F9", &[KINDS]),
    ("F10", &[ONCE]),
    ("F11", &[ONCE]),
    ("F12", &[Proved("engine::email::an_address_has_one_form")]),
    ("F13", &[NotApplicable("the database is a file of this program's own")]),
    ("G1", &[Proved("server::idle_timeout::a_question_that_never_ends_is_let_go")]),
    ("G2", &[Proved("bad_input::g_exhaustion::silent_visitors_make_no_rows_and_leave_no_memory")]),
    (
        "G3",
        &[
            Proved("bad_input::g_exhaustion::silent_visitors_make_no_rows_and_leave_no_memory"),
            Proved("stories::board::scenario_16_a_program_that_never_touches_anything_makes_no_row"),
        ],
    ),
    ("G4", &[Proved("bad_input::g_exhaustion::a_visitor_does_not_begin_chats_without_end")]),
    ("G5", &[Proved("bad_input::g_exhaustion::a_long_chat_comes_in_pieces")]),
    ("G6", &[Proved("engine::store::history::a_look_up_that_takes_too_long_is_broken_off_and_others_are_not_held_up")]),
    (
        "G7",
        &[
            Proved("engine::operations::messages::a_full_disk_is_told_and_nothing_is_lost"),
            Proved("engine::store::full::a_full_disk_is_told_to_everybody_it_hits_and_loses_nothing"),
        ],
    ),
    ("G8", &[NotApplicable("no rule invites by itself")]),
    ("G9", &[NotApplicable("the program speaks HTTP/1.1 only; HTTP/2 ends at the proxy")]),
    ("G10", &[Proved("bad_input::g_exhaustion::without_descriptors_the_door_waits")]),
    ("G11", &[Proved("engine::avatar::oversized_image_is_refused_by_its_header")]),
    (
        "G12",
        &[NotApplicable(
            "the log is a line a request on stderr; how much of it is kept is for who runs the program to say",
        )],
    ),
    (
        "H1",
        &[
            Proved("stories::files::uploads::a_file_goes_both_ways_and_is_only_ever_handed_out_to_be_kept"),
            Proved("stories::files::uploads::what_cannot_be_sent_is_refused_with_the_list_and_leaves_nothing"),
            Proved("engine::avatar::non_image_is_refused_by_content"),
        ],
    ),
    ("H2", &[Proved("stories::files::uploads::a_file_goes_both_ways_and_is_only_ever_handed_out_to_be_kept")]),
    ("H3", &[Proved("stories::files::uploads::a_name_leads_nowhere"), MARKUP_SEEN]),
    (
        "H4",
        &[
            Proved("stories::files::uploads::what_cannot_be_sent_is_refused_with_the_list_and_leaves_nothing"),
            Proved("engine::avatar::non_image_is_refused_by_content"),
        ],
    ),
    (
        "H5",
        &[
            Proved("stories::files::uploads::the_largest_fits_one_byte_more_does_not_and_half_of_one_is_none"),
            Proved("stories::screens::a_form_that_is_none_or_too_large_is_refused"),
        ],
    ),
    ("H6", &[Proved("engine::files::kind::a_broken_zip_is_refused")]),
    (
        "H7",
        &[Proved(
            "stories::files::access_and_retention::the_eleventh_file_of_an_hour_must_wait_and_one_that_comes_again_does_not_count",
        )],
    ),
    ("H8", &[Proved("stories::files::access_and_retention::a_file_is_not_there_for_others")]),
    (
        "H9",
        &[
            Proved("engine::files::metadata::where_a_photograph_was_taken_is_taken_out_and_which_way_up_it_is_stays"),
            Proved("stories::files::uploads::what_a_camera_wrote_is_not_handed_out"),
            Proved("engine::avatar::uploaded_image_becomes_a_small_square"),
        ],
    ),
    ("H10", &[NotApplicable("no scanner for viruses can be set")]),
    ("H11", &[Proved("stories::files::uploads::a_file_goes_both_ways_and_is_only_ever_handed_out_to_be_kept")]),
    ("H12", &[NO_REQUESTS]),
    ("I1", &[NO_REQUESTS]),
    ("I2", &[NO_REQUESTS]),
    ("I3", &[NO_REQUESTS]),
    ("I4", &[NO_REQUESTS]),
    ("I5", &[NO_REQUESTS]),
    ("I6", &[NO_REQUESTS]),
    ("I7", &[NO_REQUESTS]),
    ("I8", &[NO_REQUESTS]),
    ("I9", &[NO_REQUESTS]),
    ("I10", &[NO_REQUESTS]),
    ("I11", &[NO_REQUESTS]),
    ("I12", &[NO_REQUESTS]),
    ("I13", &[NO_REQUESTS]),
    ("I14", &[NO_REQUESTS]),
    (
        "J1",
        &[
            Proved("screens::export::no_cell_is_a_formula"),
            Proved("stories::history::chats_are_taken_out_whole_by_supervisors_and_it_is_written_down"),
        ],
    ),
    ("J2", &[Proved("screens::export::what_is_written_reads_back_equal")]),
    ("J3", &[Proved("engine::store::retention::what_is_taken_out_ends_with_the_end_or_with_a_failure")]),
    ("J4", &[Proved("bad_input::j_exports::a_file_is_for_who_may_have_it_and_ends_with_his_session")]),
    ("J5", &[NotApplicable("no transcript is mailed")]),
    ("J6", &[Proved("engine::store::retention::what_is_taken_out_ends_with_the_end_or_with_a_failure")]),
    ("K1", &[Proved("bad_input::k_http::nothing_changes_by_get_or_for_another_site")]),
    ("K2", &[Proved("bad_input::k_http::nothing_changes_by_get_or_for_another_site")]),
    ("K3", &[ELSEWHERE]),
    ("K4", &[ELSEWHERE]),
    (
        "K5",
        &[
            Proved("stories::origins_and_sessions::the_frame_names_who_may_hold_it_and_the_dashboard_nobody"),
            DASHBOARD_POLICY,
        ],
    ),
    ("K6", &[Proved("server::headers::the_dashboard_has_no_inline_script_without_its_nonce"), DASHBOARD_POLICY]),
    ("K7", &[HTTP]),
    ("K8", &[HTTP]),
    ("K9", &[FAILURES]),
    ("K10", &[FAILURES]),
    (
        "K11",
        &[HTTP, Proved("stories::origins_and_sessions::every_answer_is_strict_and_behind_https_a_browser_stays_there")],
    ),
    ("L1", &[Proved("bad_input::l_embedding::a_message_to_another_window_names_its_origin"), ONE_HOST, OWN_FRAME]),
    ("L2", &[Proved("bad_input::l_embedding::a_message_to_another_window_names_its_origin"), OWN_FRAME]),
    ("L3", &[InTheBrowser("host-page: a site that is not the concierge's")]),
    (
        "L4",
        &[
            InTheBrowser("host-page: a host page whose policy is a list of allowed origins"),
            InTheBrowser("host-page: a policy that forbids the frame"),
        ],
    ),
    ("L5", &[InTheBrowser("host-page: a host page with the strictest policy")]),
    (
        "L6",
        &[
            InTheBrowser("hostile-page: L6: an isolated page, where each answer must allow it"),
            InTheBrowser("hostile-page: L6: an isolated page, whose answers come without credentials"),
        ],
    ),
    ("L7", &[InTheBrowser("host-page: the host page keeps its globals, its history and its handlers"), TAMPERED]),
    ("L8", &[InTheBrowser("host-page: a browser that forbids all storage: the chat works for this page")]),
    (
        "L9",
        &[
            Proved("stories::messages::scenario_17_a_clock_that_is_off_by_years_changes_nothing"),
            Proved("widget::returning::out_of_the_back_forward_cache_it_is_another_tab"),
        ],
    ),
    (
        "L10",
        &[
            InTheBrowser("host-page: two lines on one page are one concierge"),
            InTheBrowser("hostile-page: L10: a page that takes the concierge's node away goes on without it"),
        ],
    ),
    ("L11", &[InTheBrowser("restart: killed without a word and started again, in the middle of a chat")]),
    (
        "L12",
        &[InTheBrowser(
            "hostile-page: L12: a sandboxed page and a page of no site are told in one line, and stay as they were",
        )],
    ),
    (
        "L13",
        &[NotApplicable(
            "one click in the widget says yes or no to a chat, and nothing more: there is nothing to be lured to",
        )],
    ),
    ("L14", &[Proved("bad_input::l_embedding::names_come_from_the_browsers_own_chance")]),
    ("M1", &[NO_IDENTITY]),
    ("M2", &[NO_IDENTITY]),
    ("M3", &[NO_IDENTITY]),
    ("M4", &[NO_IDENTITY]),
    ("M5", &[NO_IDENTITY]),
    ("M6", &[NO_IDENTITY]),
    ("M7", &[NO_IDENTITY]),
    ("M8", &[NO_IDENTITY]),
    ("M9", &[NO_IDENTITY]),
    (
        "N1",
        &[
            Proved("bad_input::n_privacy::a_link_that_opens_a_door_is_not_written_down"),
            Proved("stories::metrics::sockets_chats_messages_and_close_reasons_are_counted"),
        ],
    ),
    ("N2", &[HTTP]),
    (
        "N3",
        &[
            Proved("widget::talking::the_token_is_kept_for_the_session_only_where_privacy_allows"),
            InTheBrowser(
                "host-page: nothing is stored in the browser before the visitor acts, beyond what the privacy mode allows",
            ),
            TAMPERED,
        ],
    ),
    ("N4", &[Proved("bad_input::e_sockets::an_address_has_so_many_tabs_and_stands_in_no_file")]),
    ("N5", &[Proved("engine::store::retention::who_is_erased_is_in_no_file_any_more")]),
    ("N6", &[Proved("engine::store::retention::what_is_over_goes_by_handfuls_and_what_is_live_stays")]),
    ("N7", &[Proved("bad_input::n_privacy::no_panic_quotes_anybody")]),
    ("N8", &[NotApplicable("a visitor is told by the opening hours whether somebody is there, and never who")]),
    ("O1", &[Proved("bad_input::o_delivery::one_name_is_one_message_however_often_and_from_wherever_it_comes")]),
    ("O2", &[Proved("bad_input::o_delivery::one_name_is_one_message_however_often_and_from_wherever_it_comes")]),
    ("O3", &[Proved("bad_input::o_delivery::who_knows_more_than_there_is_gets_all_there_is")]),
    ("O4", &[Proved("bad_input::o_delivery::what_is_sent_again_after_a_restart_is_there_once")]),
    ("O5", &[Proved("bad_input::o_delivery::of_those_who_act_at_once_each_is_told_what_became_of_it")]),
    ("O6", &[Proved("engine::store::messages::a_clock_that_is_set_back_changes_no_order")]),
    ("O7", &[NotApplicable("there is one process and no message bus")]),
    (
        "O8",
        &[
            Proved(
                "engine::store::server::when_the_server_fails_over_each_write_is_there_or_was_refused_and_can_be_tried_again",
            ),
            Proved(
                "bad_input::o_delivery::what_is_said_while_the_database_fails_over_is_there_once_or_can_be_said_again",
            ),
        ],
    ),
    (
        "O9",
        &[
            Proved("engine::store::file::a_file_is_open_in_one_place_only"),
            Proved("engine::store::file::a_damaged_file_is_found_when_it_was_not_closed_in_order"),
        ],
    ),
    ("O10", &[FIRST_FRAME, Proved("server::socket::a_hello_of_another_version_is_told_apart_from_noise")]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The files in which a test of these rooms may stand.
fn files_of(rooms: &str) -> Vec<PathBuf> {
    let path = rooms.replace("::", "/");
    let (room, rest) = path.rsplit_once('/').unwrap_or(("", &path));
    ["", "tests/"]
        .iter()
        .flat_map(|before| {
            [
                format!("src/{before}{path}.rs"),
                format!("src/{before}{path}/tests.rs"),
                format!("src/{before}{path}/mod.rs"),
                format!("src/{before}{room}/tests/{rest}.rs"),
            ]
        })
        .map(|file| root().join(file))
        .collect()
}

/// Whether a file has a test of this name.
fn has_test(file: &Path, name: &str) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_it = |line: &str| {
        line.split_once("fn ")
            .is_some_and(|(_, after)| after.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')))
    };
    lines.iter().enumerate().any(|(at, line)| {
        is_it(line)
            && lines[at.saturating_sub(3)..at]
                .iter()
                .any(|above| above.starts_with("#[test]") || above.starts_with("#[tokio::test"))
    })
}

#[test]
fn every_number_of_the_design_stands_in_the_table_once() {
    let numbers = LETTERS.iter().flat_map(|(letter, count)| (1..=*count).map(move |n| format!("{letter}{n}")));
    let stands: Vec<String> = CASES.iter().map(|(number, _)| (*number).to_owned()).collect();
    assert_eq!(stands, numbers.collect::<Vec<_>>());
    assert_eq!(stands.len(), 191);
}

#[test]
fn every_proof_that_the_table_names_is_there() {
    let mut missing = BTreeMap::new();
    for (number, proofs) in CASES {
        assert!(!proofs.is_empty(), "{number}");
        for proof in *proofs {
            let is_there = match proof {
                Proved(test) => {
                    let (rooms, name) = test.rsplit_once("::").unwrap();
                    files_of(rooms).iter().any(|file| has_test(file, name))
                }
                InTheBrowser(story) => {
                    let (file, title) = story.split_once(": ").unwrap();
                    let text = fs::read_to_string(root().join(format!("end2end/stories/{file}.spec.ts")));
                    text.is_ok_and(|text| text.contains(&format!("\"{title}\"")))
                }
                NotApplicable(why) => why.split(' ').count() > 3,
            };
            if !is_there {
                let (Proved(named) | InTheBrowser(named) | NotApplicable(named)) = proof;
                missing.insert(*number, *named);
            }
        }
    }
    assert_eq!(missing, BTreeMap::new());
}
