//! Email and IP addresses in the audit log. They have their own retention period, after which the line remains without
//! them.

use std::net::IpAddr;

use protocol::{Millis, id::OrganizationId};

use super::{
    Result,
    sql::{self, Db},
};

/// What replaces an address in a line.
const REMOVED: &str = "(address removed)";
/// The maximum number of lines changed in one transaction.
const BATCH_SIZE: u32 = 500;

/// Returns whether the text contains an address.
pub(super) fn has_address(text: &str) -> bool {
    words(text).any(is_address)
}

/// Returns the text without its addresses.
fn without_addresses(text: &str) -> String {
    words(text).map(|word| if is_address(word) { REMOVED } else { word }).collect()
}

/// Splits a text into words and what is between them, so that nothing is lost.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |letter: char| letter.is_whitespace() || ",;()[]<>\"“”„".contains(letter);
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|letter| is_between(letter) != is_between(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn is_address(word: &str) -> bool {
    // At the end of a sentence, or with a port, a prefix length, or an interface.
    let word = word.trim_end_matches(['.', ':', '!', '?']);
    let host = word.split(['/', '%']).next().unwrap_or_default();
    let is_ip = |text: &str| text.parse::<IpAddr>().is_ok();
    let has_port = host.rsplit_once(':').is_some_and(|(host, port)| is_ip(host) && port.parse::<u16>().is_ok());
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) || is_ip(host) || has_port
}

/// Removes the addresses from one batch of lines written before `since`. Returns the number of changed lines.
pub(super) async fn remove_expired(db: &mut Db, organization: OrganizationId, since: Millis) -> Result<u64> {
    let rows = sql::query(
        "SELECT id, target, detail FROM audit WHERE organization_id = $1 AND at < $2 AND has_address = 1 LIMIT $3",
    )
    .bind(organization.to_string())
    .bind(since)
    .bind(BATCH_SIZE)
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        sql::query("UPDATE audit SET target = $2, detail = $3, has_address = 0 WHERE id = $1")
            .bind(row.try_get::<i64, _>("id")?)
            .bind(without_addresses(row.try_get("target")?))
            .bind(without_addresses(row.try_get("detail")?))
            .execute(&mut *db)
            .await?;
    }
    Ok(rows.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_and_ip_addresses_are_replaced_wherever_they_stand() {
        for (text, left) in [
            ("ann@shop.test", "(address removed)"),
            ("admin Ann.O'Neil+x@shop.test", "admin (address removed)"),
            ("too many wrong passwords from 192.0.2.7", "too many wrong passwords from (address removed)"),
            ("from 2001:db8::1, then ::1.", "from (address removed), then (address removed)"),
            ("from [2001:db8::1]:443 (192.0.2.7:80)", "from [(address removed)]:443 ((address removed))"),
            ("192.0.2.0/24 fe80::1%eth0", "(address removed) (address removed)"),
            ("a@b → c@d", "(address removed) → (address removed)"),
        ] {
            assert!(has_address(text), "{text}");
            assert_eq!(without_addresses(text), left);
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in ["", "Ann Lee", "from 3 to 5 chats", "1.2.3", "Mon-Fri 9:00-17:00", "@", "a @ b", "12:30", "v1.2"] {
            assert!(!has_address(text), "{text}");
            assert_eq!(without_addresses(text), text);
        }
    }
}
