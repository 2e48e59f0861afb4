//! Tests for group commits: a refused write rolls back only its own changes, not those of other writes in the same
//! group.

use protocol::refusal::Refusal;

use super::*;

/// Appends to a concierge's title, refuses (either before the first query or after writing), or does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    Keeps,
    RefusesFirst,
    RefusesLast,
    AsksNothing,
}

impl Store {
    async fn extend_title(&self, concierge: ConciergeId, how: Write) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                match how {
                    Write::RefusesFirst => return Err(Refusal::Forbidden.into()),
                    Write::AsksNothing => return Ok(()),
                    Write::Keeps | Write::RefusesLast => {}
                }
                let longer = sql::query("UPDATE concierge SET title = title || '.' WHERE id = $1");
                let done = longer.bind(concierge.to_string()).execute(&mut *db).await?;
                assert_eq!(done.rows_affected(), 1);
                if how == Write::RefusesLast { Err(Refusal::Forbidden.into()) } else { Ok(()) }
            })
        })
        .await
    }
}

#[tokio::test]
async fn refused_write_rolls_back_only_itself_in_its_group() {
    use Write::{AsksNothing, Keeps, RefusesFirst, RefusesLast};
    let shop = Shop::open().await;
    let mut length = "Shop".len();
    let writes = [Keeps, RefusesFirst, AsksNothing, RefusesLast, Keeps];
    for order in 0..writes.len() * writes.len() {
        let group: Vec<_> = (0..7).map(|at| writes[(order + at * (1 + order / writes.len())) % writes.len()]).collect();
        let made = group.iter().map(|how| shop.store.extend_title(shop.concierge, *how));
        let answers = futures::future::join_all(made).await;
        let kept = group.iter().map(|how| matches!(how, Keeps | AsksNothing));
        assert!(answers.iter().map(std::result::Result::is_ok).eq(kept), "{group:?}");
        length += group.iter().filter(|how| **how == Keeps).count();
        let concierge = shop.store.concierge(shop.organization, shop.concierge).await.unwrap().unwrap();
        assert_eq!(concierge.settings.look.title.len(), length, "{group:?}");
    }
}
