//! Routing: how each team deals out the chats that wait for it.

use engine::{Engine, Permission, Principal, routing::Routing};
use protocol::{
    refusal::Refusal,
    sheet::{Block, Field, Form, Kind, Sheet},
};

use super::{Done, fields::Fields, settings, words};

const HERE: &str = "/settings/routing";

/// A choice for each team.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    me.may(Permission::ManageTeams)?;
    let ways = Routing::ALL.map(|way| (way.as_str().to_owned(), words::routing_way(way).to_owned())).to_vec();
    let mut fields = Vec::new();
    for team in engine.directory(me).await?.teams {
        let way = engine.routing(me, team.id).await?;
        fields.push(Field::new(&team.id.to_string(), &team.name, Kind::Choice(ways.clone())).value(way.as_str()));
    }
    let mut sheet = Sheet::new(words::routing(), words::routing_lead());
    sheet = match fields.is_empty() {
        true => sheet.with(Block::Text(words::no_teams().to_owned())),
        false => sheet.with(Block::Form(Form::new(HERE, words::save(), fields))),
    };
    sheet.tabs = settings::tabs(me, HERE);
    Ok(sheet)
}

/// Says it for each team whose way is another than before.
pub(super) async fn submit(engine: &Engine, me: &Principal, fields: &Fields) -> Result<Done, Refusal> {
    me.may(Permission::ManageTeams)?;
    for team in engine.directory(me).await?.teams {
        let word = fields.text(&team.id.to_string());
        let Some(way) = Routing::from_word(word) else { continue };
        if engine.routing(me, team.id).await? != way {
            engine.set_routing(me, team.id, way).await?;
        }
    }
    Ok(Done::saved(HERE))
}
