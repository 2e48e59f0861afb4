//! What an agent sees of the board: how it is arranged, which rows in which order, what is chosen and what is open.

use leptos::prelude::*;
use protocol::id::VisitId;

use crate::dashboard::{
    app_state::AppState,
    filter_and_sort::{Arrangement, Column, arrange, stable_order},
    focus,
};

/// What the agent sees of the board now; the parts of the page share it.
#[derive(Clone, Copy)]
pub struct BoardView {
    /// What the agent has chosen to see.
    pub arrangement: RwSignal<Arrangement>,
    /// The pointer is on the table: nothing moves.
    pub pointed: RwSignal<bool>,
    /// The keyboard's focus is in the table: nothing moves.
    pub focused: RwSignal<bool>,
    /// The rows to show, in order.
    pub order: Memo<Vec<VisitId>>,
    /// The row that the keys act on.
    pub chosen: RwSignal<Option<VisitId>>,
    /// The visitor whose panel is open.
    pub detailed: RwSignal<Option<VisitId>>,
    /// The visitor for whom an invitation is being written.
    pub inviting: RwSignal<Option<VisitId>>,
    /// The palette is open: with everything, or only with what is about the view.
    pub palette: RwSignal<Option<bool>>,
    /// The keyboard was used last, not the pointer.
    pub by_key: StoredValue<bool>,
}

impl BoardView {
    /// For all pages: what is chosen to be seen stays when another page is looked at.
    pub fn new(app: AppState) -> Self {
        let arrangement = RwSignal::new(Arrangement::default());
        let (pointed, focused) = (RwSignal::new(false), RwSignal::new(false));
        let inviting = RwSignal::new(None::<VisitId>);
        let held = move || pointed.get() || focused.get() || inviting.with(Option::is_some);
        // The order remembers by what it was arranged: a choice of the agent moves rows even under the pointer.
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

    /// The one of the page.
    pub fn from_context() -> Self {
        expect_context()
    }

    /// Sorts by a column; a second time, the other way round.
    pub fn sort(&self, by: Column) {
        self.arrangement.update(|arrangement| {
            arrangement.reversed = arrangement.by == by && !arrangement.reversed;
            arrangement.by = by;
        });
    }

    /// Begins to write an invitation.
    pub fn invite(&self, visit: VisitId) {
        self.chosen.set(Some(visit));
        self.inviting.set(Some(visit));
    }

    /// Something in the table has the focus. A click leaves it behind, too; only the keyboard's holds the rows.
    pub fn focus(&self, inside: bool) {
        self.focused.set(inside && self.by_key.get_value());
    }

    /// Chooses the next row, or the one before.
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

    /// The page goes, and with it what is open on it and what held its rows.
    pub fn leave(&self) {
        self.pointed.set(false);
        self.focused.set(false);
        self.detailed.set(None);
        self.inviting.set(None);
    }

    /// The topmost thing goes.
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
