//! The command palette's commands: their labels, searching for them, and running them.

use leptos::prelude::*;
use protocol::{
    action::{Action, action},
    id::{ChatId, ConciergeId, VisitId},
    limits::VIEWS,
    preferences::View,
    status::Status,
};

use super::{
    actions,
    app_state::AppState,
    board_view_state::BoardView,
    filter_and_sort::{Column, visitor_name},
    focus,
    fuzzy_match::distance,
    i18n,
    pages::visitors::run_key_action,
};

/// The maximum number of results shown. The others can be found by typing.
const SHOWN: usize = 12;

/// A command in the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A keyboard shortcut, applied to the selected visitor.
    RowAction(&'static str),
    /// Go to a page.
    Go(&'static str),
    /// Open a chat.
    Chat(ChatId),
    /// Open a visitor's details.
    Visitor(VisitId),
    /// Filter by a status or, if `None`, show all statuses.
    Status(Option<Status>),
    /// Filter by a concierge or, if `None`, show all concierges.
    Concierge(Option<ConciergeId>),
    /// Apply the saved view at this index.
    View(usize),
    /// Delete the saved view at this index.
    Forget(usize),
    /// Save the current arrangement as a view with this name.
    Save(String),
    /// Show or hide a column.
    Column(Column),
    /// Switch between compact and regular rows.
    Dense,
    /// Sign out.
    SignOut,
}

/// A result shown in the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaletteItem {
    /// The label, which the typed text is matched against.
    pub words: String,
    /// The category, shown next to the label.
    pub about: &'static str,
    /// The command that the item runs.
    pub command: Command,
}

/// Returns the commands that match the typed text, best matches first. Searches all commands or only the view commands.
pub fn search_commands(app: AppState, board_view: BoardView, typed: &str, all: bool) -> Vec<PaletteItem> {
    let typed = typed.trim();
    let mut offers = Vec::new();
    let mut offer = |about, words: &str, command| offers.push(PaletteItem { words: words.into(), about, command });
    if all {
        add_row_commands(app, board_view, &mut offer);
        for (words, page) in
            [(i18n::visitors(), "/visitors"), (i18n::my_chats(), "/chats"), (i18n::settings(), "/settings")]
        {
            offer(i18n::page(), words, Command::Go(page));
        }
    }
    add_view_commands(app, board_view, &mut offer);
    if all {
        offer(i18n::filter(), i18n::all(), Command::Status(None));
        Status::ALL
            .into_iter()
            .for_each(|status| offer(i18n::filter(), i18n::status(status), Command::Status(Some(status))));
        offer(i18n::page(), i18n::sign_out(), Command::SignOut);
        add_visitor_commands(app, typed, &mut offer);
    }
    let mut fitting: Vec<_> =
        offers.into_iter().filter_map(|offer| Some((distance(typed, &offer.words)?, offer))).collect();
    fitting.sort_by_key(|(distance, _)| *distance);
    let mut fitting: Vec<_> = fitting.into_iter().map(|(_, offer)| offer).take(SHOWN).collect();
    if !typed.is_empty() && app.preference.with_untracked(|liked| liked.views.len() < VIEWS) {
        let words = i18n::fill(i18n::save_view(), typed);
        fitting.push(PaletteItem { words, about: i18n::view(), command: Command::Save(typed.into()) });
    }
    fitting
}

fn add_row_commands(app: AppState, board_view: BoardView, offer: &mut impl FnMut(&'static str, &str, Command)) {
    let Some(row) = board_view.chosen.get_untracked().and_then(|visit| app.row(visit)) else { return };
    let call = match action(&row, &untrack(|| app.viewer()), app.now.get_untracked()) {
        Action::Invite { .. } => Some((i18n::invite(), "i")),
        Action::Claim(_) => Some((i18n::claim(), "c")),
        Action::Open(_) => Some((i18n::conversation(), "c")),
        Action::Owned { may_take_over: true, .. } => Some((i18n::take_over(), "t")),
        _ => None,
    };
    if let Some((words, key)) = call {
        offer(i18n::chosen(), words, Command::RowAction(key));
    }
    offer(i18n::chosen(), i18n::details(), Command::Visitor(row.visit));
}

fn add_view_commands(app: AppState, board_view: BoardView, offer: &mut impl FnMut(&'static str, &str, Command)) {
    let one = board_view.arrangement.with_untracked(|arrangement| arrangement.concierge);
    app.directory.with_untracked(|directory| {
        if one.is_some() {
            offer(i18n::concierge(), i18n::all(), Command::Concierge(None));
        }
        for other in directory.concierges.iter().filter(|other| directory.concierges.len() > 1 && one != Some(other.id))
        {
            offer(i18n::concierge(), &other.name, Command::Concierge(Some(other.id)));
        }
    });
    app.preference.with_untracked(|liked| {
        for (place, view) in liked.views.iter().enumerate() {
            offer(i18n::view(), &view.name, Command::View(place));
        }
        let dense = if liked.dense { i18n::high_rows() } else { i18n::low_rows() };
        offer(i18n::view(), dense, Command::Dense);
        for column in Column::ALL.into_iter().filter(|column| column.may_hide()) {
            let words = if liked.hidden.contains(&column) { i18n::show_column() } else { i18n::hide_column() };
            offer(i18n::view(), &i18n::fill(words, i18n::column(column)), Command::Column(column));
        }
        for (place, view) in liked.views.iter().enumerate() {
            offer(i18n::view(), &i18n::fill(i18n::forget_view(), &view.name), Command::Forget(place));
        }
    });
}

// There may be thousands of visitors, so they are not offered until something has been typed.
fn add_visitor_commands(app: AppState, typed: &str, offer: &mut impl FnMut(&'static str, &str, Command)) {
    if typed.is_empty() {
        return;
    }
    for chat in untrack(|| app.my_chats()) {
        offer(i18n::my_chats(), visitor_name(chat.visitor_name.as_deref()), Command::Chat(chat.chat.id));
    }
    app.with_board(|board| {
        for row in board.rows.values() {
            let words = [visitor_name(row.name.as_deref()), &row.page.title, row.page.path()].join(" · ");
            offer(i18n::visitor(), &words, Command::Visitor(row.visit));
        }
    });
}

/// Runs a command. `at_the_board` indicates whether the board is the current page.
pub fn run_command(app: AppState, board_view: BoardView, command: Command, at_the_board: bool) {
    let mut page = Some("/visitors".to_owned()).filter(|_| !at_the_board);
    match command {
        Command::RowAction(key) => {
            run_key_action(app, board_view, key);
            // Claiming or opening a chat navigates to it, so only inviting returns to the board.
            page = page.filter(|_| key == "i");
        }
        Command::Go(to) => page = Some(to.into()),
        Command::Chat(chat) => page = Some(actions::chat_path(chat)),
        Command::Visitor(visit) => {
            board_view.chosen.set(Some(visit));
            board_view.detailed.set(Some(visit));
        }
        Command::Status(status) => board_view.arrangement.update(|arrangement| arrangement.status = status),
        Command::Concierge(one) => board_view.arrangement.update(|arrangement| arrangement.concierge = one),
        Command::View(place) => {
            if let Some(view) = app.preference.with_untracked(|liked| liked.views.get(place).cloned()) {
                board_view.arrangement.set(view.arrangement);
            }
        }
        Command::Forget(place) => actions::update_preference(app, |liked| drop(liked.views.remove(place))),
        Command::Save(name) => {
            let view = View { name, arrangement: board_view.arrangement.get_untracked() };
            actions::update_preference(app, |liked| {
                liked.views.retain(|had| had.name != view.name);
                liked.views.push(view);
            });
        }
        Command::Column(column) => {
            actions::update_preference(app, |liked| match liked.hidden.iter().position(|one| *one == column) {
                Some(at) => drop(liked.hidden.remove(at)),
                None => liked.hidden.push(column),
            });
        }
        Command::Dense => actions::update_preference(app, |liked| liked.dense = !liked.dense),
        Command::SignOut => {
            page = None;
            focus::click(".me button");
        }
    }
    if page.is_some() {
        app.go.set(page);
    }
}
