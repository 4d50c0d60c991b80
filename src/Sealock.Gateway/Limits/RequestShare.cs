// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Limits;

/// <summary>How much one user, or one address, may ask of the server. Zero stands for no limit.</summary>
public sealed record RequestShare
{
    /// <summary>No limit.</summary>
    public static RequestShare Unlimited { get; } = new();

    /// <summary>Requests per second, in the long run.</summary>
    public double PerSecond { get; init; }

    /// <summary>Requests at once after a pause; at least 1 where there is a rate.</summary>
    public int Burst { get; init; } = 1;

    /// <summary>Read-only requests being answered at a time.</summary>
    public int Reading { get; init; }

    /// <summary>Mutating requests being answered at a time.</summary>
    public int Mutating { get; init; }

    /// <summary>Watches and streams open at a time.</summary>
    public int Streams { get; init; }

    internal bool IsUnlimited => PerSecond <= 0 && Reading <= 0 && Mutating <= 0 && Streams <= 0;

    internal int Of(RequestKind kind) => kind switch
    {
        RequestKind.Reading => Reading,
        RequestKind.Mutating => Mutating,
        _ => Streams,
    };
}

/// <summary>What requests are counted apart as.</summary>
internal enum RequestKind
{
    /// <summary>It changes nothing.</summary>
    Reading,

    /// <summary>It may change something.</summary>
    Mutating,

    /// <summary>It takes as long as it likes: a watch, an exec.</summary>
    Stream,
}
