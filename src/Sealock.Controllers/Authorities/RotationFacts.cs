// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>What stands in an issuer's Secret, beside what is recorded.</summary>
internal enum RotationSource
{
    /// <summary>No CA that could be used.</summary>
    None,

    /// <summary>The one that was recorded first.</summary>
    Old,

    /// <summary>The one that is to replace it.</summary>
    New,

    /// <summary>Neither.</summary>
    Other,
}

/// <summary>All that the decision is made from.</summary>
internal sealed record RotationFacts
{
    public required RotationPhase Phase { get; init; }

    /// <summary>When the phase was entered.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When everybody was first seen to hold what it asks for.</summary>
    public DateTimeOffset? Settled { get; init; }

    public RotationSource Source { get; init; }

    /// <summary>Whether the CA in the Secret is to be trusted in another form than is recorded.</summary>
    public bool SourceDiffers { get; init; }

    public DateTimeOffset OldEnds { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>The new CA's time.</summary>
    public DateTimeOffset NewBegins { get; init; }

    public DateTimeOffset NewEnds { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Who does not yet hold the CAs that the phase wants trusted.</summary>
    public RotationCount Lagging { get; init; } = RotationCount.None;

    /// <summary>Valid certificates that lead to the old CA alone.</summary>
    public RotationCount OfOld { get; init; } = RotationCount.None;

    public OverlapTimes Overlaps { get; init; } = OverlapTimes.Default;

    public required DateTimeOffset Now { get; init; }
}

/// <summary>How many, and a few of their names.</summary>
internal sealed record RotationCount(int Count, string Names)
{
    private const int Named = 3;

    public static RotationCount None { get; } = new(0, "");

    public static RotationCount Of(IReadOnlyCollection<string> names) => names.Count == 0 ? None
        : new(names.Count, string.Join(", ", names.Order(StringComparer.Ordinal).Take(Named)) + (names.Count > Named ? ", …" : ""));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} ({Names})");
}
