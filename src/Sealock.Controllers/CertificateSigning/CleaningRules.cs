// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>When a request has served its purpose, as pure decisions.</summary>
internal static class CleaningRules
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private static readonly TimeSpan KeptAfterDecision = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeptPending = TimeSpan.FromHours(24);

    /// <summary>Why a request may go, or null.</summary>
    public static string? MayGo(RequestView request, DateTimeOffset now)
    {
        var issued = request.IsIssued;
        foreach (var condition in request.Status.Conditions)
        {
            var old = condition.LastUpdateTime is { } updated && now - updated > KeptAfterDecision;
            switch (condition.Type)
            {
                case RequestCondition.Approved when issued && (old || HasExpired(request.Status.Certificate, now)):
                    return old ? "approved and issued more than an hour ago" : "its certificate has expired";
                case RequestCondition.Denied when old:
                    return "denied more than an hour ago";
                case RequestCondition.Failed when old:
                    return "failed more than an hour ago";
            }
        }

        return request.Status.Conditions.Count == 0 && request.Metadata.CreationTimestamp is { } created &&
            now - created > KeptPending ? "pending for more than a day" : null;
    }

    private static bool HasExpired(byte[] pem, DateTimeOffset now)
    {
        try
        {
            return PemDocument.Parse(pem).Blocks is [var first, ..] && Certificate.Parse(first.Content).NotAfter < now;
        }
        catch (PkiFormatException)
        {
            return false;
        }
    }
}
