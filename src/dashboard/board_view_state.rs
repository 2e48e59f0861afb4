//! The board's view state: its arrangement, the row order, the selected row, and which panels are open.

use leptos::prelude::*;
use protocol::id::VisitId;

use crate::dashboard::{
    app_state::AppState,
    filter_and_sort::{Arrangement, Column, arrange, stable_order},
    focus,
};

/// The board's view state, shared by all parts of the page.
#[derive(Clone, Copy)]
pub struct BoardView {
    /// The agent's current filter, search, and sort order.
    pub arrangement: RwSignal<Arrangement>,
    /// Whether the pointer is over the table. While it is, rows don't move.
    pub pointed: RwSignal<bool>,
    /// Whether the keyboard focus is in the table. While it is, rows don't move.
    pub focused: RwSignal<bool>,
    /// The visits to display, in order.
    pub order: Memo<Vec<VisitId>>,
    /// The selected row, which the keyboard shortcuts act on.
    pub chosen: RwSignal<Option<VisitId>>,
    /// The visitor whose panel is open, if any.
    pub detailed: RwSignal<Option<VisitId>>,
    /// The visitor for whom an invitation is being written, if any.
    pub inviting: RwSignal<Option<VisitId>>,
    /// The open command palette, if any: `true` if it offers all commands, `false` if it only offers view commands.
    pub palette: RwSignal<Option<bool>>,
    /// Whether the last input came from the keyboard rather than the pointer.
    pub by_key: StoredValue<bool>,
}

impl BoardView {
    /// Creates the view state. It is shared by all pages so that the arrangement is preserved during navigation.
    pub fn new(app: AppState) -> Self {
        let arrangement = RwSignal::new(Arrangement::default());
        let (pointed, focused) = (RwSignal::new(false), RwSignal::new(false));
        let inviting = RwSignal::new(None::<VisitId>);
        let held = move || pointed.get() || focused.get() || inviting.with(Option::is_some);
        // Stored together with its arrangement, because changing the arrangement moves rows even under the pointer.
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

    /// Returns the view state from the page's context.
    pub fn from_context() -> Self {
        expect_context()
    }

    /// Sorts the board by a column, or reverses the order if it is already sorted by that column.
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

    /// Records whether the focus is in the table. Although a click moves the focus as well, only keyboard focus keeps
    /// the rows in place.
    pub fn focus(&self, inside: bool) {
        self.focused.set(inside && self.by_key.get_value());
    }

    /// Selects the next or previous row and focuses it.
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

    /// Closes everything that is open on the page and lets rows move again. Called when leaving the page.
    pub fn leave(&self) {
        self.pointed.set(false);
        self.focused.set(false);
        self.detailed.set(None);
        self.inviting.set(None);
    }

    /// Closes whatever is on top, or clears the selection if nothing is open.
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
