// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Authorities;

/// <summary>How long those who hold certificates have to load what was changed, before anything is built upon it.</summary>
/// <param name="Trust">From the moment when all Secrets hold both CAs until the new one signs.</param>
/// <param name="Withdraw">From the moment when nothing leads to the old CA any more until it is no longer trusted.</param>
internal sealed record OverlapTimes(TimeSpan Trust, TimeSpan Withdraw)
{
    public const string TrustAnnotation = "sealock.dev/trust-overlap";
    public const string WithdrawAnnotation = "sealock.dev/withdraw-overlap";

    public static OverlapTimes Default { get; } = new(TimeSpan.FromDays(1), TimeSpan.FromDays(1));

    /// <summary>As an issuer's annotations say (durations such as <c>90m</c>); what cannot be read counts as not said.</summary>
    public static OverlapTimes Of(ObjectMetaView issuer) =>
        new(Read(issuer, TrustAnnotation) ?? Default.Trust, Read(issuer, WithdrawAnnotation) ?? Default.Withdraw);

    private static TimeSpan? Read(ObjectMetaView issuer, string annotation) =>
        issuer.Annotations.TryGetValue(annotation, out var text) && GoDuration.TryParse(text, out var time) ? time : null;
}
