//! An agent's board preferences: saved views, hidden columns, and density.

use protocol::{
    id::{AgentId, OrganizationId},
    preferences::{Arrangement, Column, Preference, View},
    refusal::Refusal,
    status::Status,
};

use super::{
    Result, Store,
    row::{optional_id, unreadable},
    sql::{self, Db, Row},
};

impl Store {
    /// Returns an agent's board preferences, or the defaults if none are stored.
    pub async fn preference(&self, agent: AgentId) -> Result<Preference> {
        let agent = agent.to_string();
        let readers = &self.inner.readers;
        let row = sql::query("SELECT hidden, dense FROM preference WHERE agent_id = $1").bind(&agent);
        let Some(row) = row.fetch_optional(readers).await? else { return Ok(Preference::default()) };
        let hidden: &str = row.try_get("hidden")?;
        let hidden = hidden.split_whitespace().map(column).collect::<Result<_>>()?;
        let views = sql::query(
            "SELECT name, status, concierge_id, search, sorted_by, reversed FROM saved_view \
             WHERE agent_id = $1 ORDER BY position",
        );
        let views = views.bind(&agent).fetch_all(readers).await?;
        Ok(Preference { views: views.iter().map(view).collect::<Result<_>>()?, hidden, dense: row.try_get("dense")? })
    }

    /// Replaces an agent's board preferences.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if a view refers to another organization's concierge.
    pub async fn keep_preference(&self, organization: OrganizationId, agent: AgentId, kept: Preference) -> Result<()> {
        self.write(move |db| Box::pin(async move { keep(db, organization, agent, kept).await })).await
    }
}

async fn keep(db: &mut Db, organization: OrganizationId, me: AgentId, kept: Preference) -> Result<()> {
    let agent = me.to_string();
    let hidden: Vec<_> = kept.hidden.iter().map(|column| column.slug()).collect();
    sql::query(
        "INSERT INTO preference (agent_id, hidden, dense) VALUES ($1, $2, $3) \
         ON CONFLICT (agent_id) DO UPDATE SET hidden = excluded.hidden, dense = excluded.dense",
    )
    .bind(&agent)
    .bind(hidden.join(" "))
    .bind(kept.dense)
    .execute(&mut *db)
    .await?;
    sql::query("DELETE FROM saved_view WHERE agent_id = $1").bind(&agent).execute(&mut *db).await?;
    for (place, View { name, arrangement }) in kept.views.into_iter().enumerate() {
        let made = sql::query(
            "INSERT INTO saved_view (agent_id, position, name, status, concierge_id, search, sorted_by, reversed) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8 \
             WHERE $5 IS NULL OR EXISTS (SELECT 1 FROM concierge WHERE id = $5 AND organization_id = $9)",
        )
        .bind(&agent)
        .bind(place as i64)
        .bind(name)
        .bind(arrangement.status.map(Status::slug))
        .bind(arrangement.concierge.map(|concierge| concierge.to_string()))
        .bind(arrangement.search)
        .bind(arrangement.by.slug())
        .bind(arrangement.reversed)
        .bind(organization.to_string())
        .execute(&mut *db)
        .await?;
        if made.rows_affected() == 0 {
            return Err(Refusal::NotFound.into());
        }
    }
    Ok(())
}

fn view(row: &Row) -> Result<View> {
    let status: Option<&str> = row.try_get("status")?;
    let status = status
        .map(|word| Status::ALL.into_iter().find(|one| one.slug() == word).ok_or_else(|| unreadable("status", word)));
    let arrangement = Arrangement {
        status: status.transpose()?,
        concierge: optional_id(row, "concierge_id")?,
        search: row.try_get("search")?,
        by: column(row.try_get("sorted_by")?)?,
        reversed: row.try_get("reversed")?,
    };
    Ok(View { name: row.try_get("name")?, arrangement })
}

fn column(word: &str) -> Result<Column> {
    Column::from_slug(word).ok_or_else(|| unreadable("column", word))
}
