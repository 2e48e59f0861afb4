//! `jumpin check`: reads the settings, opens the database as the server would, and prints a summary.

use std::path::Path;

use engine::store::Store;

use crate::server::{
    self,
    config::{Config, DEFAULT_FILE},
    plain_http,
};

pub(super) async fn run(settings: Option<&Path>, config: &Config) -> anyhow::Result<()> {
    let settings = settings.unwrap_or(Path::new(DEFAULT_FILE));
    let from = if settings.is_file() { settings.display().to_string() } else { "none, using defaults".into() };
    let omitted_features = server::omitted_features();
    let build = if omitted_features.is_empty() {
        "complete".into()
    } else {
        format!("without {}", omitted_features.join(", "))
    };
    println!("version      {}, {build}", env!("CARGO_PKG_VERSION"));
    println!("settings     {from}");
    println!("listen on    {}", config.listen);
    println!("public URL   {}", config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen)));
    if let Some(warning) = plain_http::warning(config.listen, config.public_url.as_deref()) {
        println!("warning      {warning}");
    }
    println!("metrics      {}", config.metrics.map_or("off".into(), |address| format!("http://{address}/metrics")));
    println!("mail from    {}", config.mail.as_ref().map_or("not configured".into(), |mail| mail.from().to_string()));
    let database = config.database();
    if database.file().is_some_and(|file| !file.is_file()) {
        println!("database     {database}: does not exist yet; it will be created on the first startup");
        return Ok(());
    }
    let store = Store::open(&database).await?;
    let (report, organizations) = (store.report().await, store.organization_reports().await);
    let unrestricted = store.concierges_for_any_site().await;
    store.close().await;
    let (report, organizations, unrestricted) = (report?, organizations?, unrestricted?);
    println!("database     {database}: OK ({})", report.database);
    if let Some(tls) = database.tls() {
        println!("database TLS {tls}");
    }
    println!(
        "contents     organizations {}, agents {}, concierges {}, chats {}, messages {}",
        report.organizations, report.agents, report.concierges, report.chats, report.messages
    );
    for one in organizations {
        println!(
            "             {}: agents {}, concierges {}, chats {}",
            one.name, one.agents, one.concierges, one.chats
        );
    }
    for (organization, concierge) in unrestricted {
        println!(
            "warning      {organization}: any website can embed the concierge {concierge}, because its list of sites is empty"
        );
    }
    if report.agents == 0 {
        println!("\nNobody can sign in yet. To learn how to add the first agent, run `jumpin agent add --help`.");
    }
    Ok(())
}
