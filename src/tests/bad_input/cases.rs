//! Lists every case in `docs/testing.md` along with the test that covers it. The table itself is tested: every test and
//! browser story named here must exist, and every case must be listed exactly once.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use Proof::{InTheBrowser, NotApplicable, Proved};

/// How a case is covered.
enum Proof {
    /// A test, identified by its module path (without `tests`) and its name.
    Proved(&'static str),
    /// A browser story in `end2end/stories`, identified by its file and title.
    InTheBrowser(&'static str),
    /// The case does not apply because the feature is not implemented. Contains the reason.
    NotApplicable(&'static str),
}

/// The number of cases for each letter.
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

const MARKUP: Proof = Proved("bad_input::a_metadata::markup_from_a_visitor_stays_text_on_every_page");
const CLEANED: Proof = Proved("bad_input::a_metadata::page_addresses_are_stripped_of_secrets_and_truncated");
const HEADERS: Proof = Proved("bad_input::a_metadata::hostile_headers_are_neither_trusted_nor_split");
const NAMES: Proof = Proved("bad_input::a_metadata::a_visitors_name_is_sanitized_and_never_shown_as_an_agents");
const MESSAGES: Proof = Proved("bad_input::b_messages::a_message_needs_visible_text_and_runs_no_command");
const LINKS: Proof = Proved("protocol::link_detection::nothing_else_is_a_link");
const SESSIONS: Proof = Proved("bad_input::c_sign_in::sign_in_creates_a_new_session_accepted_by_cookie_only");
const FIELDS: Proof = Proved("bad_input::d_access_control::unexpected_form_fields_are_ignored");
const FIRST_FRAME: Proof = Proved("bad_input::e_sockets::a_bad_first_visitor_frame_closes_with_its_reason");
const FLOOD: Proof = Proved("bad_input::e_sockets::a_flood_of_frames_closes_the_socket");
const DOORS: Proof = Proved("stories::origins_and_sessions::an_agents_socket_requires_own_origin_and_a_session");
const KINDS: Proof = Proved("bad_input::f_types::a_body_of_the_wrong_content_type_is_rejected");
const ONCE: Proof = Proved("bad_input::f_types::duplicate_headers_and_unknown_methods_are_rejected");
const NUMBERS: Proof = Proved("bad_input::f_types::numbers_and_dates_out_of_range_are_field_errors");
const HTTP: Proof = Proved("bad_input::k_http::every_response_has_strict_security_headers_and_is_not_cached");
const ELSEWHERE: Proof = Proved("bad_input::k_http::no_request_redirects_to_another_site");
const FAILURES: Proof = Proved("bad_input::k_http::error_responses_echo_no_input_and_reveal_no_internals");
const LOOK_ALIKE: Proof = Proved("bad_input::c_sign_in::sign_in_does_not_reveal_which_accounts_exist");

const MARKUP_SEEN: Proof = InTheBrowser(
    "bad-input: A1 A2 A3 A8 A9 A17 B2 B3 H3: visitor data contains markup → every dashboard page shows it as text",
);
const ADMIN_SEEN: Proof =
    InTheBrowser("bad-input: A3 B11: an admin enters markup → the dashboard, composer, and concierge show it as text");
const LINKS_SEEN: Proof = InTheBrowser(
    "bad-input: A4 B1 B4 B5: messages contain URLs → only http and https URLs become links, without opener or referrer",
);
const TOLD: Proof = InTheBrowser(
    "pasted-text: A11 A20: a visitor has a hostile name → notifications show it as text without bidi controls",
);
const DASHBOARD_POLICY: Proof = InTheBrowser(
    "content-security-policy: K5 K6: a dashboard page is opened → it has the strict policy, and violations are blocked",
);
const FRAME_POLICY: Proof = InTheBrowser(
    "content-security-policy: B2: the concierge frame loads → its policy lists the allowed sites, and violations are blocked",
);
const ONE_HOST: Proof =
    InTheBrowser("hostile-page: L1: several windows offer a port → the frame accepts only one, from its own host page");
const OWN_FRAME: Proof = InTheBrowser(
    "hostile-page: L1 L2: the host page forges messages → the loader ignores them, and the frame sends none",
);
const TAMPERED: Proof = InTheBrowser(
    "hostile-page: L7 N3: the page tampers with builtins, CSS, and storage → the chat works and touches none of them",
);
const NO_REQUESTS: Proof =
    NotApplicable("the server makes no outgoing HTTP requests: no webhooks, link previews or remote images");
const NO_IDENTITY: Proof = NotApplicable("a site's server cannot vouch for the identity of a visitor");

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
    ("A10", &[Proved("server::trusted_proxies::untrusted_peer_cannot_set_client_address")]),
    ("A11", &[NAMES, TOLD]),
    ("A12", &[NAMES]),
    ("A13", &[NAMES, Proved("bad_input::a_metadata::a_lone_surrogate_is_an_invalid_frame")]),
    ("A14", &[NAMES, HEADERS]),
    ("A15", &[NAMES, Proved("engine::email_address::invalid_email_address_is_refused")]),
    ("A16", &[NotApplicable("a site passes nothing about its visitors other than the current page")]),
    (
        "A17",
        &[
            Proved("engine::opening_hours::unknown_zone_falls_back_to_utc"),
            Proved("engine::concierges::every_invalid_field_is_reported_at_once"),
            MARKUP_SEEN,
        ],
    ),
    (
        "A18",
        &[
            Proved("engine::concierges::a_color_is_six_digits"),
            Proved("server::concierge::document::preview_document_has_style_and_no_script"),
        ],
    ),
    ("A19", &[Proved("stories::set_up::setup_input_stays_text_and_invalid_fields_are_reported")]),
    ("A20", &[TOLD]),
    ("B1", &[LINKS, LINKS_SEEN]),
    ("B2", &[MARKUP, MARKUP_SEEN, FRAME_POLICY]),
    ("B3", &[LINKS, MARKUP_SEEN]),
    ("B4", &[Proved("protocol::link_detection::shown_link_has_the_real_host"), LINKS_SEEN]),
    ("B5", &[Proved("protocol::link_detection::homograph_host_is_shown_in_punycode"), LINKS_SEEN]),
    ("B6", &[Proved("protocol::link_detection::long_hostile_text_is_scanned_quickly")]),
    (
        "B7",
        &[InTheBrowser(
            "pasted-text: B7: a very long line has no spaces → it wraps, and the dashboard stays responsive",
        )],
    ),
    ("B8", &[MESSAGES]),
    ("B9", &[MESSAGES, Proved("widget::chat::rejected_message_returns_to_the_composer")]),
    ("B10", &[Proved("bad_input::b_messages::an_oversized_frame_closes_the_socket")]),
    (
        "B11",
        &[
            Proved("protocol::canned_reply::placeholders_are_expanded_once"),
            Proved("server::concierge::document::admin_text_is_escaped_in_frame_document"),
            ADMIN_SEEN,
        ],
    ),
    ("B12", &[NotApplicable("no email contains text written by a visitor")]),
    ("B13", &[MESSAGES]),
    ("B14", &[InTheBrowser("pasted-text: B14: rich text is pasted → both composers insert only plain text")]),
    (
        "B15",
        &[Proved("engine::store::message_edits::edit_is_refused_for_the_messages_of_others_and_after_the_time_limit")],
    ),
    ("C1", &[Proved("bad_input::c_sign_in::password_guessing_is_rate_limited_but_the_owner_signs_in")]),
    ("C2", &[LOOK_ALIKE]),
    ("C3", &[LOOK_ALIKE]),
    ("C4", &[Proved("engine::people::reset_link_sets_a_new_password_once"), ELSEWHERE]),
    (
        "C5",
        &[
            Proved("stories::agents::scenario_19_a_new_password_or_deactivation_closes_every_socket"),
            Proved("engine::people::password_change_ends_all_other_sessions"),
        ],
    ),
    ("C6", &[Proved("engine::people::role_change_and_deactivation_reach_open_dashboards")]),
    ("C7", &[SESSIONS]),
    (
        "C8",
        &[
            Proved("engine::people::password_alone_does_not_sign_in_and_a_code_works_once"),
            Proved("engine::people::recovery_code_works_once_and_is_counted_apart_from_app_codes"),
        ],
    ),
    (
        "C9",
        &[
            Proved("engine::people::password_alone_does_not_sign_in_and_a_code_works_once"),
            Proved("stories::set_up::the_second_factor_page_requires_a_password_first"),
        ],
    ),
    ("C10", &[SESSIONS]),
    ("C11", &[NotApplicable("there is no third-party sign-in, such as OpenID Connect")]),
    ("C12", &[SESSIONS, Proved("screens::session_cookie::https_cookie_is_secure_and_host_prefixed")]),
    ("C13", &[SESSIONS]),
    (
        "C14",
        &[
            Proved("stories::set_up::the_setup_page_disappears_after_the_first_start"),
            Proved("stories::set_up::setup_requires_the_token_that_the_server_logged"),
        ],
    ),
    ("C15", &[Proved("engine::people::sensitive_account_changes_require_the_password")]),
    (
        "D1",
        &[
            Proved("authorization::every_server_function_is_called_by_allowed_roles_only"),
            Proved("authorization::every_screen_is_read_and_submitted_by_allowed_roles_only"),
            Proved("authorization::every_route_answers_strangers_as_the_table_says"),
            Proved("authorization::a_frame_about_a_missing_chat_is_refused_and_changes_nothing"),
        ],
    ),
    (
        "D2",
        &[
            Proved("bad_input::d_access_control::every_unknown_or_malformed_id_gets_the_same_answer"),
            Proved("stories::organizations::the_second_tenants_data_is_not_found_by_server_functions_and_pages"),
        ],
    ),
    (
        "D3",
        &[
            Proved("bad_input::d_access_control::a_wrong_token_gives_no_access_to_anothers_invitation_or_chat"),
            Proved("stories::organizations::a_visitor_of_one_tenant_is_unknown_to_the_other"),
        ],
    ),
    ("D4", &[NotApplicable("clients cannot choose topics: frames contain only ids, and there is no message bus")]),
    (
        "D5",
        &[
            Proved("stories::organizations::the_second_tenants_data_is_not_found_by_server_functions_and_pages"),
            Proved("stories::organizations::the_second_tenants_data_is_not_found_by_frames"),
            Proved("stories::organizations::a_chat_cannot_be_handed_to_another_tenant"),
            Proved("engine::people::people_of_another_organization_are_not_found"),
            Proved("engine::store::concierges::concierge_and_team_of_another_organization_are_not_found"),
        ],
    ),
    ("D6", &[FIELDS, Proved("protocol::codec::trailing_bytes_are_rejected")]),
    ("D7", &[FIELDS, Proved("protocol::codec::trailing_bytes_are_rejected")]),
    (
        "D8",
        &[
            Proved("stories::files::access_and_retention::a_file_is_not_found_by_others"),
            Proved("stories::files::access_and_retention::erasing_a_visitor_deletes_their_files"),
        ],
    ),
    ("D9", &[Proved("engine::operations::notes::no_visitor_ever_gets_a_note_or_a_whisper")]),
    (
        "D10",
        &[
            Proved("engine::operations::read_scope::agent_who_left_a_team_reads_and_hears_its_chats_no_more"),
            Proved("engine::store::history::history_outside_the_scope_is_not_found"),
        ],
    ),
    ("D11", &[Proved("bad_input::d_access_control::no_response_contains_a_hash_or_a_token")]),
    ("D12", &[NotApplicable("there are no API tokens")]),
    (
        "D13",
        &[
            Proved("authorization::every_screen_is_read_and_submitted_by_allowed_roles_only"),
            Proved("bad_input::k_http::get_and_cross_site_requests_change_nothing"),
        ],
    ),
    ("D14", &[FIELDS]),
    ("D15", &[NotApplicable("transcripts are not sent by email")]),
    ("E1", &[DOORS, Proved("bad_input::e_sockets::a_socket_opens_by_a_valid_upgrade_only")]),
    ("E2", &[DOORS]),
    ("E3", &[Proved("bad_input::e_sockets::silent_and_unreading_sockets_are_closed")]),
    (
        "E4",
        &[
            FIRST_FRAME,
            Proved("bad_input::e_sockets::an_agents_socket_rejects_text_noise_and_other_versions"),
            Proved("protocol::codec::fuzz_any_bytes_are_decoded_or_refused"),
        ],
    ),
    ("E5", &[FIRST_FRAME]),
    ("E6", &[Proved("bad_input::e_sockets::invalid_websocket_frames_close_the_connection")]),
    ("E7", &[FLOOD]),
    (
        "E8",
        &[
            Proved("bad_input::e_sockets::tabs_per_address_are_limited_and_the_address_is_not_stored"),
            Proved("engine::operations::quiet_period::open_tabs_of_one_visitor_are_limited"),
        ],
    ),
    (
        "E9",
        &[
            Proved("bad_input::e_sockets::silent_and_unreading_sockets_are_closed"),
            Proved("engine::outbound_queue::queue_bytes_are_bounded"),
        ],
    ),
    (
        "E10",
        &[
            Proved("stories::origins_and_sessions::scenario_19_signing_out_closes_every_socket_of_the_session"),
            Proved("stories::agents::scenario_19_a_new_password_or_deactivation_closes_every_socket"),
        ],
    ),
    ("E11", &[Proved("bad_input::o_delivery::one_client_id_is_stored_once_from_many_tabs")]),
    ("E12", &[FLOOD]),
    ("E13", &[FIRST_FRAME, Proved("protocol::codec::oversized_length_prefix_is_rejected")]),
    (
        "E14",
        &[
            Proved("stories::visitor_tabs::scenario_3_accepting_in_two_tabs_starts_one_chat_in_both"),
            Proved("bad_input::o_delivery::one_client_id_is_stored_once_from_many_tabs"),
        ],
    ),
    ("E15", &[Proved("bad_input::e_sockets::a_socket_opens_by_a_valid_upgrade_only")]),
    ("E16", &[Proved("bad_input::e_sockets::a_socket_opens_by_a_valid_upgrade_only")]),
    ("E17", &[FLOOD, Proved("bad_input::e_sockets::typing_is_forwarded_at_most_once_a_second")]),
    ("F1", &[KINDS, DOORS]),
    (
        "F2",
        &[
            Proved("engine::store::history::search_treats_special_characters_literally"),
            Proved("engine::store::history::fuzz_any_search_words_never_fail"),
            Proved("stories::history::a_past_chat_is_found_by_text_and_shown_unchanged"),
        ],
    ),
    ("F3", &[FIELDS]),
    ("F4", &[NotApplicable("no user input is used as a regular expression")]),
    ("F5", &[NUMBERS]),
    ("F6", &[NUMBERS, Proved("screens::date_input::invalid_day_is_none")]),
    (
        "F7",
        &[
            Proved("bad_input::f_types::path_traversal_finds_nothing"),
            Proved("server::dashboard_files::a_name_cannot_leave_its_folder"),
        ],
    ),
    ("F8", &[KINDS]),
    ("F9", &[KINDS]),
    ("F10", &[ONCE]),
    ("F11", &[ONCE]),
    ("F12", &[Proved("engine::email_address::email_address_is_normalized")]),
    ("F13", &[NotApplicable("the database server is chosen by the operator and is trusted")]),
    ("G1", &[Proved("server::connection::endless_request_is_closed_by_idle_timeout")]),
    ("G2", &[Proved("bad_input::g_exhaustion::silent_visitors_create_no_rows_and_leak_no_memory")]),
    (
        "G3",
        &[
            Proved("bad_input::g_exhaustion::silent_visitors_create_no_rows_and_leak_no_memory"),
            Proved("stories::board::scenario_16_a_crawler_without_input_creates_no_row"),
        ],
    ),
    ("G4", &[Proved("bad_input::g_exhaustion::chats_begun_by_one_visitor_are_rate_limited")]),
    ("G5", &[Proved("bad_input::g_exhaustion::a_long_chat_is_sent_in_chunks")]),
    ("G6", &[Proved("engine::store::history::slow_query_times_out_without_blocking_others")]),
    (
        "G7",
        &[
            Proved("engine::operations::messages::full_disk_is_reported_and_no_message_is_lost"),
            Proved("engine::store::disk_full::full_disk_refuses_every_affected_write_and_loses_none"),
        ],
    ),
    ("G8", &[NotApplicable("there are no automatic invitation rules")]),
    ("G9", &[NotApplicable("the server speaks only HTTP/1.1; HTTP/2 ends at the proxy")]),
    ("G10", &[Proved("bad_input::g_exhaustion::without_file_descriptors_new_connections_wait")]),
    (
        "G11",
        &[
            Proved("engine::avatar::oversized_image_is_refused_by_its_header"),
            Proved("engine::avatar::narrow_image_is_refused_by_its_header"),
        ],
    ),
    ("G12", &[NotApplicable("the log is one line per request on stderr; the operator decides how long to keep it")]),
    (
        "H1",
        &[
            Proved("stories::files::uploads::files_go_both_ways_and_are_served_as_attachments_only"),
            Proved("stories::files::uploads::a_disallowed_file_type_is_refused_and_not_stored"),
            Proved("engine::avatar::non_image_is_refused_by_content"),
        ],
    ),
    ("H2", &[Proved("stories::files::uploads::files_go_both_ways_and_are_served_as_attachments_only")]),
    ("H3", &[Proved("stories::files::uploads::a_hostile_file_name_cannot_escape_the_folder"), MARKUP_SEEN]),
    (
        "H4",
        &[
            Proved("stories::files::uploads::a_disallowed_file_type_is_refused_and_not_stored"),
            Proved("engine::avatar::non_image_is_refused_by_content"),
        ],
    ),
    (
        "H5",
        &[
            Proved("stories::files::uploads::the_size_limit_is_exact_and_a_partial_upload_is_discarded"),
            Proved("stories::screens::a_malformed_or_oversized_form_is_refused"),
        ],
    ),
    ("H6", &[Proved("engine::files::file_type::a_broken_zip_is_refused")]),
    ("H7", &[Proved("stories::files::access_and_retention::uploads_are_rate_limited_and_retries_do_not_count")]),
    ("H8", &[Proved("stories::files::access_and_retention::a_file_is_not_found_by_others")]),
    (
        "H9",
        &[
            Proved("engine::files::metadata::photo_location_is_removed_and_orientation_is_kept"),
            Proved("stories::files::uploads::photo_metadata_is_stripped"),
            Proved("engine::avatar::uploaded_image_becomes_a_small_square"),
        ],
    ),
    ("H10", &[NotApplicable("virus scanning is not supported")]),
    ("H11", &[Proved("stories::files::uploads::files_go_both_ways_and_are_served_as_attachments_only")]),
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
            Proved("screens::csv::csv_cell_is_never_a_formula"),
            Proved("stories::history::supervisors_export_chats_and_it_is_audited"),
        ],
    ),
    ("J2", &[Proved("screens::csv::csv_row_round_trips")]),
    ("J3", &[Proved("engine::store::retention::export_ends_with_an_end_item_or_an_error")]),
    ("J4", &[Proved("bad_input::j_exports::exports_require_permission_and_a_live_session")]),
    ("J5", &[NotApplicable("transcripts are not sent by email")]),
    ("J6", &[Proved("engine::store::retention::export_ends_with_an_end_item_or_an_error")]),
    ("K1", &[Proved("bad_input::k_http::get_and_cross_site_requests_change_nothing")]),
    ("K2", &[Proved("bad_input::k_http::get_and_cross_site_requests_change_nothing")]),
    ("K3", &[ELSEWHERE]),
    ("K4", &[ELSEWHERE, Proved("bad_input::k_http::another_host_gets_nothing_but_health_and_widget")]),
    (
        "K5",
        &[
            Proved("stories::origins_and_sessions::frame_ancestors_allow_the_site_for_the_widget_only"),
            DASHBOARD_POLICY,
        ],
    ),
    (
        "K6",
        &[Proved("server::security_headers::the_dashboard_has_no_inline_script_without_its_nonce"), DASHBOARD_POLICY],
    ),
    ("K7", &[HTTP]),
    ("K8", &[HTTP]),
    ("K9", &[FAILURES]),
    ("K10", &[FAILURES]),
    ("K11", &[HTTP, Proved("stories::origins_and_sessions::every_response_has_security_headers_and_https_sends_hsts")]),
    ("L1", &[Proved("bad_input::l_embedding::post_message_names_its_target_origin"), ONE_HOST, OWN_FRAME]),
    ("L2", &[Proved("bad_input::l_embedding::post_message_names_its_target_origin"), OWN_FRAME]),
    ("L3", &[InTheBrowser("host-page: the concierge does not allow the site")]),
    (
        "L4",
        &[
            InTheBrowser("host-page: the host page's policy lists allowed origins → the concierge works"),
            InTheBrowser("host-page: the host page's policy forbids the frame"),
        ],
    ),
    ("L5", &[InTheBrowser("host-page: the host page has the strictest policy → the concierge works")]),
    (
        "L6",
        &[
            InTheBrowser("hostile-page: L6: the host page is isolated with COEP require-corp → the concierge works"),
            InTheBrowser("hostile-page: L6: the host page is isolated with COEP credentialless → the concierge works"),
        ],
    ),
    (
        "L7",
        &[
            InTheBrowser(
                "host-page: the host page embeds the concierge → its globals, history, and handlers are unchanged",
            ),
            TAMPERED,
        ],
    ),
    ("L8", &[InTheBrowser("host-page: the browser blocks all storage → the chat still works on this page")]),
    (
        "L9",
        &[
            Proved("stories::messages::scenario_17_a_wrong_client_clock_changes_nothing"),
            Proved("widget::reconnection::page_restored_from_bfcache_gets_a_new_tab_id"),
        ],
    ),
    (
        "L10",
        &[
            InTheBrowser("host-page: the script tag is on a page twice → there is only one concierge"),
            InTheBrowser(
                "hostile-page: L10: the page removes the concierge whenever it comes back → it stays away, and the visitor counts as gone",
            ),
        ],
    ),
    (
        "L11",
        &[InTheBrowser(
            "restart: the server is killed during a chat → nothing is lost or duplicated after the restart",
        )],
    ),
    (
        "L12",
        &[InTheBrowser(
            "hostile-page: L12: the page is sandboxed or a local file → it logs one line and is otherwise unchanged",
        )],
    ),
    ("L13", &[NotApplicable("one click in the widget can only accept or deny a chat, so clickjacking gains nothing")]),
    ("L14", &[Proved("bad_input::l_embedding::ids_come_from_the_browsers_crypto_random")]),
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
            Proved("bad_input::n_privacy::access_links_are_not_logged"),
            Proved("stories::metrics::sockets_chats_messages_and_close_reasons_are_counted"),
        ],
    ),
    ("N2", &[HTTP]),
    (
        "N3",
        &[
            Proved("widget::chat::the_token_is_kept_for_the_session_only_where_privacy_allows"),
            InTheBrowser("host-page: a visitor has not acted → nothing is stored beyond what the privacy mode allows"),
            TAMPERED,
        ],
    ),
    ("N4", &[Proved("bad_input::e_sockets::tabs_per_address_are_limited_and_the_address_is_not_stored")]),
    ("N5", &[Proved("engine::store::retention::erased_visitor_is_in_no_file")]),
    ("N6", &[Proved("engine::store::retention::retention_deletes_expired_chats_in_batches_and_keeps_live_ones")]),
    ("N7", &[Proved("bad_input::n_privacy::no_panic_message_contains_user_input")]),
    ("N8", &[NotApplicable("opening hours tell visitors whether the team is available, but never which agents are")]),
    ("O1", &[Proved("bad_input::o_delivery::one_client_id_is_stored_once_from_many_tabs")]),
    ("O2", &[Proved("bad_input::o_delivery::one_client_id_is_stored_once_from_many_tabs")]),
    ("O3", &[Proved("bad_input::o_delivery::a_resume_beyond_the_head_gets_everything")]),
    ("O4", &[Proved("bad_input::o_delivery::a_message_resent_after_a_restart_is_stored_once")]),
    ("O5", &[Proved("bad_input::o_delivery::concurrent_end_takeover_and_transfer_agree_on_one_result")]),
    ("O6", &[Proved("engine::store::messages::clock_set_back_does_not_change_message_order")]),
    ("O7", &[NotApplicable("the server is one process without a message bus")]),
    (
        "O8",
        &[
            Proved("engine::store::postgres_server::writes_during_failover_are_stored_or_refused_and_retryable"),
            Proved("bad_input::o_delivery::messages_during_database_failover_are_stored_once_or_refused"),
        ],
    ),
    (
        "O9",
        &[
            Proved("engine::store::database_file::database_file_is_opened_by_one_process_only"),
            Proved("engine::store::database_file::damage_is_detected_after_an_unclean_shutdown"),
        ],
    ),
    ("O10", &[FIRST_FRAME, Proved("server::socket::hello_of_other_version_is_distinguished_from_garbage")]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Returns the files that may contain the tests of this module path.
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

/// Returns whether the file contains a test with this name.
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

/// Returns the numbers of all cases in order, from A1 to O10.
pub(crate) fn case_numbers() -> impl Iterator<Item = String> {
    LETTERS.iter().flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number}")))
}

#[test]
fn every_case_number_is_in_the_table_once() {
    let stands: Vec<String> = CASES.iter().map(|(number, _)| (*number).to_owned()).collect();
    assert_eq!(stands, case_numbers().collect::<Vec<_>>());
    assert_eq!(stands.len(), 191);
}

#[test]
fn every_proof_in_the_table_exists() {
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
