//! Computes which rows of a long table to render (virtual scrolling). All functions are pure; the table measures
//! itself.

/// The visible part of the table, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Viewport {
    /// The scroll position.
    pub top: f64,
    /// The visible height, or 0 until it has been measured.
    pub height: f64,
    /// The height of a row.
    pub row: f64,
}

/// The range of rows to render: `first..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowRange {
    /// The index of the first row.
    pub first: usize,
    /// The index one past the last row.
    pub end: usize,
}

/// How many extra rows to render above and below the visible ones, so that fast scrolling doesn't reveal gaps.
const OVERSCAN: usize = 8;
/// The first row only changes in steps of this many rows, so scrolling a little doesn't cause a rerender.
const STEP: usize = 4;
/// How many rows to render before the table has been measured. No screen can fit more.
const INITIAL_ROWS: usize = 60;

impl Viewport {
    /// Returns the rows to render, out of `all`.
    pub fn span(&self, all: usize) -> RowRange {
        if self.height <= 0.0 || self.row <= 0.0 {
            return RowRange { first: 0, end: all.min(INITIAL_ROWS) };
        }
        let count = (self.height / self.row) as usize + 2 * OVERSCAN + STEP + 1;
        let first = ((self.top.max(0.0) / self.row) as usize).saturating_sub(OVERSCAN) / STEP * STEP;
        // If the table has become shorter than the scroll position, still show its end.
        let first = first.min(all.saturating_sub(count).next_multiple_of(STEP)).min(all);
        RowRange { first, end: (first + count).min(all) }
    }

    /// Returns the height of the rows before the span, in pixels.
    pub fn above(&self, span: RowRange) -> f64 {
        span.first as f64 * self.row
    }

    /// Returns the height of the rows after the span, in pixels.
    pub fn below(&self, span: RowRange, all: usize) -> f64 {
        all.saturating_sub(span.end) as f64 * self.row
    }

    /// Returns the scroll position that makes a row fully visible below a table header of height `head`, or `None` if
    /// it already is.
    pub fn scroll_to_show(&self, index: usize, head: f64) -> Option<f64> {
        let (top, bottom) = (index as f64 * self.row, (index + 1) as f64 * self.row + head);
        match () {
            () if top < self.top => Some(top),
            () if bottom > self.top + self.height => Some(bottom - self.height),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEWPORT: Viewport = Viewport { top: 0.0, height: 880.0, row: 44.0 };

    #[test]
    fn large_board_draws_only_rows_near_the_viewport() {
        let span = VIEWPORT.span(10_000);
        assert_eq!(span.first, 0);
        assert!((20..60).contains(&span.end), "{span:?}");
        let middle = Viewport { top: 200_000.0, ..VIEWPORT };
        let span = middle.span(10_000);
        assert!(span.end - span.first < 60, "{span:?}");
        assert!(span.first <= 4_545 && span.end >= 4_566, "{span:?}");
    }

    #[test]
    fn total_height_is_constant_at_every_scroll_position() {
        for all in [0, 1, 19, 60, 500, 10_000] {
            for top in [0.0, 3.0, 44.0, 1_000.0, 99_999.0, 439_120.0, 9e9] {
                let viewport = Viewport { top, ..VIEWPORT };
                let span = viewport.span(all);
                assert!(span.first <= span.end && span.end <= all, "{all} {top} {span:?}");
                let drawn = (span.end - span.first) as f64 * viewport.row;
                assert_eq!(viewport.above(span) + drawn + viewport.below(span, all), all as f64 * viewport.row);
            }
        }
    }

    #[test]
    fn every_row_on_the_screen_is_drawn() {
        for top in (0..20_000).step_by(7) {
            let viewport = Viewport { top: f64::from(top), ..VIEWPORT };
            let span = viewport.span(1_000);
            let last = ((viewport.top + viewport.height) / viewport.row).ceil() as usize;
            assert!(span.first as f64 * viewport.row <= viewport.top && span.end >= last.min(1_000), "{top} {span:?}");
        }
    }

    #[test]
    fn a_board_that_shrinks_under_the_scroll_shows_its_end() {
        let span = Viewport { top: 200_000.0, ..VIEWPORT }.span(30);
        assert_eq!(span.end, 30);
        assert!(span.first < 30);
    }

    #[test]
    fn unmeasured_viewport_draws_the_first_rows() {
        assert_eq!(Viewport::default().span(10_000), RowRange { first: 0, end: 60 });
        assert_eq!(Viewport::default().span(3), RowRange { first: 0, end: 3 });
    }

    #[test]
    fn selected_row_is_scrolled_into_view() {
        assert_eq!(VIEWPORT.scroll_to_show(3, 36.0), None);
        assert_eq!(VIEWPORT.scroll_to_show(19, 36.0), Some(36.0));
        assert_eq!(Viewport { top: 500.0, ..VIEWPORT }.scroll_to_show(2, 36.0), Some(88.0));
    }
}
