// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Orders;

/// <summary>Which of an authorization's challenges is answered: pure.</summary>
public sealed record ChallengeChoice
{
    /// <summary>The challenge; null where none fits.</summary>
    public AcmeChallenge? Challenge { get; init; }

    /// <summary>Why none fits, in one line with the remedy.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether there is one.</summary>
    [MemberNotNullWhen(true, nameof(Challenge))]
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsPossible => Challenge is not null;

    /// <summary>Picks the first type that can be answered here and is offered.</summary>
    /// <param name="authorization">What has to be proven.</param>
    /// <param name="types">The types that can be answered for it, most wanted first.</param>
    public static ChallengeChoice Pick(AcmeAuthorization authorization, IReadOnlyList<string> types)
    {
        foreach (var type in types)
        {
            if (authorization.Challenges.FirstOrDefault(challenge => challenge.Type == type) is not { } challenge)
                continue;
            return challenge.HasSafeToken
                ? new() { Challenge = challenge }
                : new() { Reason = $"{authorization.DisplayName}: the server's token for {type} is not base64url, so it is not used" };
        }

        var offered = string.Join(", ", authorization.Challenges.Select(challenge => challenge.Type).Distinct().Take(10));
        var wanted = types.Count == 0 ? "nothing is set up here to answer it" : $"set up here: {string.Join(", ", types)}";
        var remedy = authorization.Wildcard ? "; a wildcard needs dns-01"
            : authorization.Identifier.Type == AcmeIdentifier.Ip ? "; an IP address needs http-01 or tls-alpn-01" : "";
        return new() { Reason = $"{authorization.DisplayName}: the server offers {(offered.Length > 0 ? offered : "no challenge")}, and {wanted}{remedy}" };
    }
}
