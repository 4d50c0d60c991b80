// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Hostile.Attacks;

/// <summary>What an attacker has done.</summary>
internal sealed class Tally
{
    private long _done;
    private long _opened;
    private long _ended;

    /// <summary>What its rate counts: connections, requests, frames.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Connections that it has had.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    /// <summary>Connections that were refused, or closed by the server.</summary>
    public long Closed => Interlocked.Read(ref _ended);

    public void Did(int count) => Interlocked.Add(ref _done, count);

    public void Connected() => Interlocked.Increment(ref _opened);

    public void Ended() => Interlocked.Increment(ref _ended);
}
