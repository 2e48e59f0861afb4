//! The view state of the board: its arrangement, the order of the rows, the selected row, and what is open.

use leptos::prelude::*;
use protocol::id::VisitId;

use crate::dashboard::{
    app_state::AppState,
    filter_and_sort::{Arrangement, Column, arrange, stable_order},
    focus,
};

/// The view state of the board, shared by the parts of the page.
#[derive(Clone, Copy)]
pub struct BoardView {
    /// The agent's current filter, search, and sort order.
    pub arrangement: RwSignal<Arrangement>,
    /// Whether the pointer is over the table, which keeps the rows in place.
    pub pointed: RwSignal<bool>,
    /// Whether the keyboard focus is in the table, which keeps the rows in place.
    pub focused: RwSignal<bool>,
    /// The visits to show, in order.
    pub order: Memo<Vec<VisitId>>,
    /// The selected row, which the keyboard shortcuts act on.
    pub chosen: RwSignal<Option<VisitId>>,
    /// The visitor whose panel is open.
    pub detailed: RwSignal<Option<VisitId>>,
    /// The visitor for whom an invitation is being written.
    pub inviting: RwSignal<Option<VisitId>>,
    /// The command palette, when it is open: with all commands (true), or only those for views (false).
    pub palette: RwSignal<Option<bool>>,
    /// Whether the last input came from the keyboard rather than the pointer.
    pub by_key: StoredValue<bool>,
}

impl BoardView {
    /// Creates the state. It is shared by all pages, so that the arrangement survives navigation.
    pub fn new(app: AppState) -> Self {
        let arrangement = RwSignal::new(Arrangement::default());
        let (pointed, focused) = (RwSignal::new(false), RwSignal::new(false));
        let inviting = RwSignal::new(None::<VisitId>);
        let held = move || pointed.get() || focused.get() || inviting.with(Option::is_some);
        // Kept with the arrangement it was made for: a new arrangement moves rows even under the pointer.
        let arranged = Memo::new(move |before: Option<&(Arrangement, Vec<VisitId>)>| {
            app.order_version.track();
            let (chosen, held) = (arrangement.get(), held());
            let now = app.now.get_untracked();
            let order =
                app.directory.with(|names| app.with_board(|board| arrange(board.rows.values(), &chosen, names, now)));
            match before {
                Some((before, rows)) if held && *before == chosen => (chosen, stable_order(rows, &order)),
                _ => (chosen, order),
            }
        });
        Self {
            arrangement,
            pointed,
            focused,
            order: Memo::new(move |_| arranged.with(|(_, order)| order.clone())),
            chosen: RwSignal::new(None),
            detailed: RwSignal::new(None),
            inviting,
            palette: RwSignal::new(None),
            by_key: StoredValue::new(false),
        }
    }

    /// Returns the state from the context of the page.
    pub fn from_context() -> Self {
        expect_context()
    }

    /// Sorts by a column, or reverses the order if the board is already sorted by it.
    pub fn sort(&self, by: Column) {
        self.arrangement.update(|arrangement| {
            arrangement.reversed = arrangement.by == by && !arrangement.reversed;
            arrangement.by = by;
        });
    }

    /// Opens the invitation form for a visit.
    pub fn invite(&self, visit: VisitId) {
        self.chosen.set(Some(visit));
        self.inviting.set(Some(visit));
    }

    /// Records whether the focus is in the table. A click also moves the focus there, but only keyboard focus keeps the
    /// rows in place.
    pub fn focus(&self, inside: bool) {
        self.focused.set(inside && self.by_key.get_value());
    }

    /// Selects the next or the previous row and focuses it.
    pub fn step(&self, down: bool) {
        let order = self.order.get_untracked();
        let at = self.chosen.get_untracked().and_then(|visit| order.iter().position(|one| *one == visit));
        let next = match (at, down) {
            (None, _) => 0,
            (Some(at), true) => (at + 1).min(order.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
        };
        if let Some(visit) = order.get(next) {
            self.chosen.set(Some(*visit));
            focus::focus_next_frame(format!("tr[data-visit=\"{visit}\"] .name"));
        }
    }

    /// Closes what is open on the page and releases the rows, when the page is left.
    pub fn leave(&self) {
        self.pointed.set(false);
        self.focused.set(false);
        self.detailed.set(None);
        self.inviting.set(None);
    }

    /// Closes the topmost open element, or clears the selection if nothing is open.
    pub fn close(&self) {
        if self.inviting.get_untracked().is_some() {
            self.inviting.set(None);
        } else if self.detailed.get_untracked().is_some() {
            self.detailed.set(None);
        } else {
            self.chosen.set(None);
            focus::blur();
        }
    }
}
