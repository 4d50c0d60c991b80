// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Storage.Watching;

namespace Sealock.Api.Storage.Sqlite;

/// <summary>How a <see cref="SqliteStore"/> is opened.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The data folder; created (mode 0700) where it does not exist.</summary>
    public required string Folder { get; init; }

    /// <summary>The clock that times to live are measured by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where background failures are reported.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Whether the whole file is checked for damage first (reads all of it).</summary>
    public bool CheckIntegrity { get; init; }

    /// <summary>
    /// Revisions go on from here where the file's own are lower. Who restores an older backup sets it above every
    /// revision that clients may have seen; history before it is dropped, so that they list again.
    /// </summary>
    public long MinimumRevision { get; init; } = 1;

    /// <summary>How far a watcher may fall behind before it is ended.</summary>
    internal WatchBuffer WatchBuffer { get; init; } = new(Events: 16_384, Bytes: 64L << 20);

    /// <summary>Leaves out every fsync, to prove that the tests of durability notice.</summary>
    internal bool WithoutSync { get; init; }
}
