// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;

namespace Sealock.Acme.Issuance;

/// <summary>What became of an order: an expected outcome, never an exception.</summary>
public abstract record IssuanceOutcome
{
    private IssuanceOutcome()
    {
    }

    /// <summary>There is a certificate, for the key of the request.</summary>
    /// <param name="Chain">The certificate and its intermediates.</param>
    /// <param name="OrderUrl">The order.</param>
    /// <param name="LeftBehind">Answers that could not be removed, one line each.</param>
    public sealed record Issued(IssuedChain Chain, string OrderUrl, IReadOnlyList<string> LeftBehind) : IssuanceOutcome;

    /// <summary>The server does not want to be asked now.</summary>
    /// <param name="Message">Why, in one line.</param>
    /// <param name="Until">The instant of the next permitted try; null where the server did not say.</param>
    public sealed record RateLimited(string Message, DateTimeOffset? Until) : IssuanceOutcome;

    /// <summary>There is none.</summary>
    /// <param name="Message">Why, in one line, with the remedy where one is known.</param>
    /// <param name="Failure">The failed request, where it was one.</param>
    /// <param name="MayWorkLater">Whether the same may succeed later without a change on our side.</param>
    public sealed record Failed(string Message, AcmeFailure? Failure, bool MayWorkLater) : IssuanceOutcome;
}
