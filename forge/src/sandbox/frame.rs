use std::io::{self, BufRead, Read, Write};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::job::Frame;
use crate::source::SourceFile;

/// The longest line: what all parameters of a template may have, and much more.
const MAX_LINE: u64 = 16 * 1024 * 1024;

pub(super) fn write(out: &mut impl Write, frame: &Frame) -> io::Result<()> {
    out.write_all(&line(frame)?)
}

pub(super) fn write_file(out: &mut impl Write, file: &SourceFile) -> io::Result<()> {
    write(out, &header(file))?;
    out.write_all(&file.content)
}

pub(super) fn read(input: &mut impl BufRead) -> io::Result<Frame> {
    let mut line = Vec::new();
    input.take(MAX_LINE).read_until(b'\n', &mut line)?;
    Ok(serde_json::from_slice(&line)?)
}

/// The files up to the frame that ends them. `limit` bytes are the most one may have.
pub(super) fn read_files(input: &mut impl BufRead, limit: u64) -> io::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    loop {
        match read(input)? {
            Frame::File { path, mode, size } => {
                let mut content = vec![0; checked(size, limit)?];
                input.read_exact(&mut content)?;
                files.push(SourceFile { path, mode, content });
            }
            Frame::End => return Ok(files),
            _ => return Err(unexpected()),
        }
    }
}

pub(super) async fn send(out: &mut (impl AsyncWrite + Unpin), frame: &Frame) -> io::Result<()> {
    out.write_all(&line(frame)?).await
}

pub(super) async fn send_file(out: &mut (impl AsyncWrite + Unpin), file: &SourceFile) -> io::Result<()> {
    send(out, &header(file)).await?;
    out.write_all(&file.content).await
}

pub(super) async fn receive(input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Frame> {
    let mut line = Vec::new();
    input.take(MAX_LINE).read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&line)?)
}

/// The bytes of a file whose frame has been received.
pub(super) async fn receive_content(
    input: &mut (impl AsyncBufRead + Unpin),
    size: u64,
    limit: u64,
) -> io::Result<Vec<u8>> {
    let mut content = vec![0; checked(size, limit)?];
    input.read_exact(&mut content).await?;
    Ok(content)
}

pub(super) fn unexpected() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the processes do not understand each other")
}

fn header(file: &SourceFile) -> Frame {
    Frame::File { path: file.path.clone(), mode: file.mode, size: file.content.len() as u64 }
}

fn line(frame: &Frame) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(frame)?;
    line.push(b'\n');
    Ok(line)
}

fn checked(size: u64, limit: u64) -> io::Result<usize> {
    usize::try_from(size).ok().filter(|_| size <= limit).ok_or_else(unexpected)
}
