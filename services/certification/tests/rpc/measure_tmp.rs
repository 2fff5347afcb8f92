use crate::rolls::roll;
use crate::world::World;
use std::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measure() {
    let world = World::start().await;
    world.accredit("north").await;
    let rows = 60_000;
    let file = roll(rows);
    let begun = Instant::now();
    let import = world.plan("north", file.as_bytes(), "").await.unwrap();
    let planned = begun.elapsed();
    let begun = Instant::now();
    world.apply("north", &import).await.unwrap();
    let applied = begun.elapsed();
    println!(
        "plan {planned:?} {:.0}/s, apply {applied:?} {:.0}/s",
        rows as f64 / planned.as_secs_f64(),
        rows as f64 / applied.as_secs_f64()
    );
}
