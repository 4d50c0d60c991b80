// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Handshakes;

/// <summary>From where something is known.</summary>
public enum HandshakeSource
{
    /// <summary>The bytes on the connection show it.</summary>
    Wire,

    /// <summary>The TLS library reports it; the bytes are encrypted.</summary>
    Library,
}

/// <summary>One thing that happened.</summary>
public sealed record HandshakeEvent
{
    /// <summary>Time since the start of it all.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>From where it is known.</summary>
    public required HandshakeSource Source { get; init; }

    /// <summary>The step it belongs to.</summary>
    public required HandshakeStep Step { get; init; }

    /// <summary>Which connection it was on: 1 is the one that is told whole.</summary>
    public int Connection { get; init; } = 1;

    /// <summary>What happened, in a few words.</summary>
    public required string Text { get; init; }

    /// <summary>What was in it.</summary>
    public IReadOnlyList<HandshakeDetail> Details { get; init; } = [];
}

/// <summary>One fact of an event.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Values">Its values; one for most.</param>
public sealed record HandshakeDetail(string Name, IReadOnlyList<string> Values)
{
    /// <summary>A fact with one value.</summary>
    public HandshakeDetail(string name, string value)
        : this(name, [value])
    {
    }
}
