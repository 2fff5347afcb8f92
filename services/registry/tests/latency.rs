#![allow(clippy::all)]
#[path = "rpc/fakes.rs"]
mod fakes;
#[path = "rpc/town.rs"]
mod town;
use greenroom_testkit::database::*;
use std::time::{Duration, Instant};
use town::*;
async fn run(town: Town, label: &str) {
    let replica = town.start().await;
    let mut times = Vec::new();
    for n in 0..60 {
        let name = format!("m{n}");
        let s = town.certified(&replica, "shop", &name).await;
        let opened = town.open(&replica, "shop", &[&s]).await.unwrap();
        let mut w = town.watch(&replica, "shop", &opened.watch_cursor).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        let t = Instant::now();
        town.revoke(&name);
        let e = w.next().await;
        times.push(t.elapsed());
        assert_eq!(e.cut_streamers, [s]);
    }
    times.sort();
    println!("{label}: p50 {:?} p90 {:?} max {:?}", times[30], times[54], times[59]);
    let s = town.certified(&replica, "shop", "x").await;
    let t = Instant::now();
    for _ in 0..2000 {
        town.check_now(&replica, "shop", &s).await;
    }
    println!("check seq: {:?} each", t.elapsed() / 2000);
    replica.stop().await;
}
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_() {
    run(Town::new().await, "sqlite").await
}
#[tokio::test(flavor = "multi_thread")]
async fn pg() {
    run(Town::on(postgres().await).await, "postgres").await
}
