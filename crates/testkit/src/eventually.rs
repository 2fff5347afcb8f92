use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(2);

/// Asks until the answer is `Some`, and gives it. Fails the test if that takes half a minute.
///
/// For effects that travel through other tasks or processes. What happens at an instant is tested with a manual clock.
///
/// # Panics
/// If the condition never holds.
pub async fn eventually<T, F, Fut>(what: &str, mut ask: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(STEP).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    assert!(answer.is_ok(), "waited {PATIENCE:?} in vain: {what}");
    answer.unwrap_or_else(|_| unreachable!("checked above"))
}
