//! The demo: a shop on a second origin, agents who can sign in, and simulated visitors. It is only reachable from this
//! machine because it prints its passwords.

mod attachments;
mod chat_script;
mod past_chats;
mod seed;
mod shop;

use std::{future::Future, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, ensure};
use clap::Args;
use load::visitors::{self, SimulatedVisitors};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::server::{
    self,
    config::{Config, LimitTable},
};

/// Options for `jumpin demo`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Dashboard address.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Shop address. The shop has a different origin, as in production.
    #[arg(long, default_value = "127.0.0.1:4000")]
    shop: SocketAddr,
    /// Demo data directory. Delete it to start over.
    #[arg(long, default_value = "demo-data", value_name = "FOLDER")]
    data: PathBuf,
    /// Number of simulated visitors in the shop.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=5_000))]
    visitors: u32,
}

/// Runs the demo until `shutdown` resolves.
///
/// # Errors
/// Returns an error if an address is not a loopback address or is already in use, or if the server cannot start.
pub async fn run(
    mut config: Config,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    for address in [options.listen, options.shop] {
        ensure!(
            address.ip().is_loopback(),
            "the demo's passwords are public, so it only accepts loopback addresses, such as 127.0.0.1:3000"
        );
    }
    let bind = async |address: SocketAddr| {
        TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} (is it already in use?)"))
    };
    let (dashboard, shop) = (bind(options.listen).await?, bind(options.shop).await?);
    let dashboard_at = format!("http://{}", dashboard.local_addr()?);
    let shop_at = format!("http://{}", shop.local_addr()?);

    config.listen = options.listen;
    config.public_url = Some(dashboard_at.clone());
    config.data = options.data;
    // In the demo, all clients share one IP address.
    config.limits = LimitTable { sockets_per_minute: 100_000, frames_per_minute: 100_000 };
    // Browser tests click faster than people.
    config.requests.per_agent_and_minute = 100_000;
    config.requests.per_organization_and_minute = 100_000;
    seed::seed_database(&config, &shop_at).await?;

    let stop = CancellationToken::new();
    let stopped = {
        let stop = stop.clone();
        async move {
            shutdown.await;
            stop.cancel();
        }
    };
    let simulated = SimulatedVisitors {
        server: dashboard_at.replacen("http", "ws", 1),
        sites: shop::sites(&shop_at),
        visitors: options.visitors,
        seed: 2026,
        arrive_within: Duration::from_secs(30),
    };
    announce(&dashboard_at, &shop_at, options.visitors);
    let beside = tokio::spawn({
        let stop = stop.clone();
        async move { tokio::join!(shop::serve(shop, dashboard_at, stop.clone()), visitors::run(simulated, stop)).0 }
    });
    let served = server::run(config, dashboard, stopped).await;
    stop.cancel();
    beside.await??;
    served
}

fn announce(dashboard: &str, shop: &str, visitors: u32) {
    println!(
        "\n  Jump-In demo: {}\n\n  Dashboard   {dashboard}/visitors\n  Shop        {shop}/          (open it in another window to become a visitor)\n\n  Sign in with",
        chat_script::ORGANIZATION
    );
    for person in seed::PEOPLE {
        println!(
            "    {:16} {:16} {}",
            person.email,
            seed::PASSWORD,
            format_args!("{}, {}", person.name, person.role.as_str())
        );
    }
    println!("\n  {visitors} simulated visitors are browsing the shop. Press Ctrl-C to stop.\n");
}
