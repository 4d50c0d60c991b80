// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Approval;

/// <summary><c>spec.constraints</c>: what a request must keep to. What is not named there is free.</summary>
internal static class ConstraintRules
{
    /// <summary>The key algorithms that a policy can name.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = ["RSA", "ECDSA", "Ed25519"];

    /// <summary>Every constraint that the request does not keep to, with the field of the policy.</summary>
    public static IEnumerable<string> Objections(ApprovalRequest request, ConstraintsView constraints) =>
    [
        .. OfDuration(request, "maxDuration", constraints.MaxDuration, (asked, limit) => asked <= limit),
        .. OfDuration(request, "minDuration", constraints.MinDuration, (asked, limit) => asked >= limit),
        .. OfKey(request.Csr.PublicKey, constraints.PrivateKey),
    ];

    private static IEnumerable<string> OfDuration(
        ApprovalRequest request, string field, string? text, Func<TimeSpan, TimeSpan, bool> holds)
    {
        if (text is null || !GoDuration.TryParse(text, out var limit))
            return [];
        return request.Duration is not { } asked ? [$"spec.constraints.{field}: no duration is asked for, and the limit is {text}"]
            : holds(asked, limit) ? []
            : [$"spec.constraints.{field}: {Text(asked)} is asked for, and the limit is {text}"];
    }

    private static IEnumerable<string> OfKey(PublicKeyInfo key, KeyConstraintsView constraints)
    {
        const string path = "spec.constraints.privateKey";
        var algorithm = AlgorithmOf(key);
        if (constraints.Algorithm is { } wanted && wanted != algorithm)
            yield return $"{path}.algorithm: {key.Description}, and {wanted} is wanted";
        // An Ed25519 key has one size only, and policies number it below all others.
        var size = key.Kind == KeyKind.Ed25519 ? -1 : key.Bits;
        if (constraints.MaxSize < size)
            yield return $"{path}.maxSize: {key.Description}, and the limit is {constraints.MaxSize}";
        if (constraints.MinSize > size)
            yield return $"{path}.minSize: {key.Description}, and the limit is {constraints.MinSize}";
    }

    private static string AlgorithmOf(PublicKeyInfo key) => key.Kind switch
    {
        KeyKind.Rsa or KeyKind.RsaPss => "RSA",
        KeyKind.Ecdsa => "ECDSA",
        KeyKind.Ed25519 => "Ed25519",
        _ => "",
    };

    private static string Text(TimeSpan duration) =>
        duration.TotalHours == Math.Floor(duration.TotalHours) ? $"{duration.TotalHours:0}h" : $"{duration.TotalSeconds:0}s";
}
