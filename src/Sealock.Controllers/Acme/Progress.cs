// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Acme;

/// <summary>What is remembered of objects between two looks, and may be forgotten: all that counts is stored.</summary>
internal sealed class Progress
{
    private readonly ConcurrentDictionary<ObjectKey, Entry> _entries = [];

    public Entry Of(ObjectKey key, string uid) => _entries.AddOrUpdate(
        key, static (_, uid) => new Entry(uid), static (_, old, uid) => old.Uid == uid ? old : new Entry(uid), uid);

    public void Forget(ObjectKey key) => _entries.TryRemove(key, out _);

    /// <summary>One look at an object runs at a time, so it needs no lock.</summary>
    internal sealed class Entry(string uid)
    {
        public string Uid { get; } = uid;

        /// <summary>Failures in a row.</summary>
        public int Failures { get; set; }

        /// <summary>How often the server was asked whether it is done.</summary>
        public int Polls { get; set; }

        /// <summary>Not before this instant is the server, or the world, asked again.</summary>
        public DateTimeOffset NotBefore { get; set; }

        /// <summary>Whether what was announced is known to have come to nothing.</summary>
        public bool IsNothingMade { get; set; }

        /// <summary>Whether the server was told that the answer is in place.</summary>
        public bool IsTold { get; set; }

        /// <summary>Whether this process put the answer in place.</summary>
        public bool IsPresentedHere { get; set; }

        /// <summary>Whether the answer was seen in place.</summary>
        public bool IsSeen { get; set; }

        /// <summary>Whether its deletion is at work: it does not wait any more for what it waited for before.</summary>
        public bool IsLeaving { get; set; }

        /// <summary>When the server wants to be asked again, as it said last.</summary>
        public DateTimeOffset? AskAgainAt { get; set; }
    }
}
