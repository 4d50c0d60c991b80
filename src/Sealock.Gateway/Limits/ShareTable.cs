// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.Gateway.Limits;

/// <summary>
/// What each of many users, or addresses, has in use of its <see cref="RequestShare"/>. Bounded: of those that have nothing in
/// use, the ones that have been quiet longest are forgotten; as many as there are requests are never.
/// </summary>
internal sealed class ShareTable<TKey>(int capacity, TimeProvider clock)
    where TKey : notnull
{
    private const int Shards = 16;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, Shards).Select(_ => new Shard(Math.Max(1, capacity / Shards), clock))];

    /// <summary>How many are remembered.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>Counts a request in; every seat that is given has to be left once.</summary>
    public ShareVerdict Enter(TKey key, RequestShare share, RequestKind kind) =>
        _shards[(uint)key.GetHashCode() % Shards].Enter(key, share, kind);

    private sealed class Shard(int capacity, TimeProvider clock) : ISeatOwner
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<TKey, Account> _accounts = [];

        // Accounts with nothing in use, the longest quiet one first.
        private readonly LinkedList<Account> _quiet = new();

        public int Count
        {
            get
            {
                lock (_gate)
                    return _accounts.Count;
            }
        }

        public ShareVerdict Enter(TKey key, RequestShare share, RequestKind kind)
        {
            lock (_gate)
            {
                if (!_accounts.TryGetValue(key, out var account))
                {
                    account = new Account(key);
                    _accounts.Add(key, account);
                    _quiet.AddLast(account.Place);
                    if (_quiet.Count > capacity)
                        Forget();
                }
                else if (account.InUse == 0)
                {
                    _quiet.Remove(account.Place);
                    _quiet.AddLast(account.Place);
                }

                ref var count = ref account.Counts[(int)kind];
                if (share.Of(kind) is > 0 and var most && count >= most)
                    return new ShareVerdict(ShareRefusal.InFlight, TimeSpan.FromSeconds(1));
                if (share.PerSecond > 0
                    && account.Level.Take(clock, new Rate(share.PerSecond, share.Burst)) is var wait && wait > TimeSpan.Zero)
                    return new ShareVerdict(ShareRefusal.Rate, wait);
                if (account.InUse++ == 0)
                    _quiet.Remove(account.Place);
                count++;
                return new ShareVerdict(new Seat(this, account, kind));
            }
        }

        public void Leave(object holder, RequestKind kind)
        {
            var account = (Account)holder;
            lock (_gate)
            {
                account.Counts[(int)kind]--;
                Debug.Assert(account.Counts[(int)kind] >= 0, "a seat was left twice");
                if (--account.InUse > 0)
                    return;
                _quiet.AddLast(account.Place);
                if (_quiet.Count > capacity)
                    Forget();
            }
        }

        private void Forget()
        {
            var oldest = _quiet.First!.Value; // there are more than the capacity, which is at least one
            _quiet.RemoveFirst();
            _accounts.Remove(oldest.Key);
        }
    }

    private sealed class Account
    {
        // A field, since it is a struct that changes.
        public BucketLevel Level;

        public Account(TKey key)
        {
            Key = key;
            Place = new LinkedListNode<Account>(this);
        }

        public TKey Key { get; }

        public int[] Counts { get; } = new int[3];

        public int InUse { get; set; }

        public LinkedListNode<Account> Place { get; }
    }
}

/// <summary>Who takes a seat back.</summary>
internal interface ISeatOwner
{
    /// <summary>Takes it back.</summary>
    void Leave(object holder, RequestKind kind);
}

/// <summary>A request that was counted in; nothing, where nothing is counted.</summary>
internal readonly record struct Seat(ISeatOwner? Owner, object? Holder, RequestKind Kind)
{
    /// <summary>Counts it out.</summary>
    public void Leave()
    {
        if (Owner is not null && Holder is not null)
            Owner.Leave(Holder, Kind);
    }
}

/// <summary>Which part of a share is used up.</summary>
internal enum ShareRefusal
{
    /// <summary>None.</summary>
    None,

    /// <summary>Too many requests per second.</summary>
    Rate,

    /// <summary>Too many requests at a time.</summary>
    InFlight,
}

/// <summary>Whether a request has a place.</summary>
/// <param name="Refusal">Why not.</param>
/// <param name="Wait">After what time it may be tried again.</param>
internal readonly record struct ShareVerdict(ShareRefusal Refusal, TimeSpan Wait)
{
    /// <summary>It has.</summary>
    public ShareVerdict(Seat seat)
        : this(ShareRefusal.None, TimeSpan.Zero) => Seat = seat;

    /// <summary>The place.</summary>
    public Seat Seat { get; }
}
