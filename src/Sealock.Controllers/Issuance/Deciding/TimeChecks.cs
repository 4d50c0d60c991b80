// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>Whether it is time.</summary>
internal static class TimeChecks
{
    public static string? Expired(CertificateState state) => state.Secret?.Leaf is { } leaf && state.Now > leaf.NotAfter
        ? $"the certificate expired at {ObjectFields.Rfc3339(leaf.NotAfter)}" : null;

    public static string? ExpiredAndRenewable(CertificateState state) =>
        RenewalTime.IsDisabled(state.Spec) ? null : Expired(state);

    public static string? RenewalIsDue(CertificateState state) =>
        RenewalTime.Plan(state) is { Time: { } time } && state.Now >= time
            ? $"renewal was scheduled at {ObjectFields.Rfc3339(time)}" : null;
}
