// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Challenges;

/// <summary>What an HTTP-01 validation must find on port 80 of the name (RFC 8555 section 8.3).</summary>
/// <param name="Path">The path, beginning with <see cref="PathPrefix"/>.</param>
/// <param name="Body">The whole body, in ASCII.</param>
public sealed record Http01Answer(string Path, string Body)
{
    /// <summary>Where all answers are.</summary>
    public const string PathPrefix = "/.well-known/acme-challenge/";

    /// <summary>The answer to a challenge.</summary>
    /// <exception cref="ArgumentException">The token is not what RFC 8555 allows: it would lead out of the folder.</exception>
    public static Http01Answer Create(AccountKey key, AcmeChallenge challenge) => challenge.HasSafeToken
        ? new(PathPrefix + challenge.Token, key.KeyAuthorization(challenge.Token))
        : throw new ArgumentException("the token is not base64url", nameof(challenge));
}
