// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Acme.Challenges;

/// <summary>
/// Whose turn it is: so many challenges of an issuer at once, and one for each name and type. A challenge that gets nowhere
/// (nothing is to be seen of its answer yet) keeps its name but gives its place up, so that it holds nobody else up; the others
/// come in the order in which they asked.
/// </summary>
internal sealed class ChallengeTurns(int limit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Turn> _turns = [];
    private readonly Dictionary<string, List<ObjectKey>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Places> _issuers = new(StringComparer.Ordinal);

    /// <summary>How many are at work of an issuer.</summary>
    public int AtWork(string issuer)
    {
        lock (_gate)
            return _issuers.GetValueOrDefault(issuer)?.Taken ?? 0;
    }

    /// <summary>
    /// Begins, or goes on with, a challenge; false where it is not its turn: <see cref="End"/> or <see cref="Yield"/> of another
    /// will name it.
    /// </summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="name">Name and type of what is shown.</param>
    /// <param name="key">The Challenge.</param>
    public bool TryBegin(string issuer, string name, ObjectKey key)
    {
        lock (_gate)
        {
            if (!_turns.TryGetValue(key, out var turn))
            {
                // The first of the list has the name, the others wait for it.
                if (!_names.TryGetValue(name, out var waiting))
                    _names[name] = waiting = [];
                if (!waiting.Contains(key))
                    waiting.Add(key);
                if (waiting[0] != key)
                    return false;
                _turns[key] = turn = new Turn(issuer, name);
            }

            if (turn.HasPlace)
                return true;
            if (!_issuers.TryGetValue(turn.Issuer, out var places))
                _issuers[turn.Issuer] = places = new();
            if (places.Taken >= limit)
            {
                places.Park(key);
                return false;
            }

            places.Taken++;
            places.Waiting.Remove(key);
            return turn.HasPlace = true;
        }
    }

    /// <summary>The challenge waits for something outside: its place is free. Answers who is to be looked at now.</summary>
    public IReadOnlyList<ObjectKey> Yield(ObjectKey key)
    {
        lock (_gate)
        {
            if (!_turns.TryGetValue(key, out var turn) || !_issuers.TryGetValue(turn.Issuer, out var places))
                return [];
            // Also where it had none: it may have been named for one.
            if (turn.HasPlace)
                places.Taken--;
            turn.HasPlace = false;
            return [.. places.Next(limit)];
        }
    }

    /// <summary>The challenge is over, or gone. Answers who is to be looked at now.</summary>
    public IReadOnlyList<ObjectKey> End(ObjectKey key)
    {
        lock (_gate)
        {
            if (!_turns.Remove(key, out var turn))
                return [];
            var waiting = _names[turn.Name];
            waiting.Remove(key);
            List<ObjectKey> next = [];
            // All of them: the first may be gone, and the others must not wait for it.
            next.AddRange(waiting);
            _names.Remove(turn.Name);
            if (_issuers.TryGetValue(turn.Issuer, out var places))
            {
                if (turn.HasPlace)
                    places.Taken--;
                next.AddRange(places.Next(limit));
                if (places.Taken == 0 && places.Waiting.Count == 0)
                    _issuers.Remove(turn.Issuer);
            }

            return next;
        }
    }

    private sealed class Turn(string issuer, string name)
    {
        public string Issuer { get; } = issuer;

        public string Name { get; } = name;

        public bool HasPlace { get; set; }
    }

    private sealed class Places
    {
        private readonly Queue<ObjectKey> _queue = [];

        public int Taken { get; set; }

        public HashSet<ObjectKey> Waiting { get; } = [];

        public void Park(ObjectKey key)
        {
            if (Waiting.Add(key))
                _queue.Enqueue(key);
        }

        /// <summary>The one that has waited longest, where there is a place.</summary>
        public IEnumerable<ObjectKey> Next(int limit)
        {
            while (Taken < limit && _queue.TryDequeue(out var key))
            {
                if (Waiting.Remove(key))
                    return [key];
            }

            return [];
        }
    }
}
