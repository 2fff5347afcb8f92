//! Connections that can be cut from our side.
//!
//! The server library ends only when its peers have closed their connections. A peer that keeps a stream open for ever,
//! such as a health watch, would keep a service from shutting down; and a peer that opens a connection and says nothing
//! would keep it for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tonic::transport::server::Connected;

/// A connection that breaks when it is told to. `I` is what requests carry of it, and lives as long as it does.
pub struct Severable<S, I> {
    stream: S,
    info: I,
    /// None once it has ended.
    until: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl<S, I> Severable<S, I> {
    /// A connection that breaks when `until` ends.
    pub fn new(stream: S, info: I, until: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { stream, info, until: Some(Box::pin(until)) }
    }
}

impl<S, I: Clone + Send + Sync + 'static> Connected for Severable<S, I> {
    type ConnectInfo = I;

    fn connect_info(&self) -> I {
        self.info.clone()
    }
}

impl<S: AsyncRead + Unpin, I: Unpin> AsyncRead for Severable<S, I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // A connection is always waiting to read, so this is where it hears that it is over.
        if self.until.as_mut().is_none_or(|until| until.as_mut().poll(context).is_ready()) {
            self.until = None;
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin, I: Unpin> AsyncWrite for Severable<S, I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
