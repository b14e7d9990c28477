//! One run at a time for an output folder. The lock dies with its process, however that ends.

use crate::error::{Error, Result};
use crate::files;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Held for the length of a run.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the operating system releases the lock when the file closes")] File);

impl Lock {
    /// Takes the lock of `out`, or says who has it.
    pub fn take(out: &Path) -> Result<Self> {
        files::create_private_dir(out)?;
        let path = out.join(".lock");
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(|e| Error::io("open", &path, &e))?;
        match file.try_lock() {
            Ok(()) => {
                let text = format!("{}\n", std::process::id());
                file.set_len(0)
                    .and_then(|()| file.rewind())
                    .and_then(|()| file.write_all(text.as_bytes()))
                    .map_err(|e| Error::io("write", &path, &e))?;
                Ok(Self(file))
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder's number is a courtesy; without it the message is still right.
                let _ = file.read_to_string(&mut holder);
                Err(Error::environment(format!(
                    "another run (process {}) is writing to {}",
                    holder.trim(),
                    out.display()
                ))
                .hint("wait for it to end, or give this run another --out"))
            }
            Err(TryLockError::Error(e)) => Err(Error::io("lock", &path, &e)),
        }
    }
}
