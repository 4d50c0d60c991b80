// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Revocation;

/// <summary>The room's loops.</summary>
internal static class RevocationLoops
{
    /// <summary>Keeps the lists of the CAs that are there, and clears away what has expired.</summary>
    /// <param name="loops">Where the loops run.</param>
    /// <param name="client">Acts as whoever may read and delete revocations and write lists.</param>
    /// <param name="authorities">The CAs; more may come at any time.</param>
    /// <param name="times">Lengths of time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs.</param>
    /// <param name="faultPoint">Told of every step, so that a test can end the process there.</param>
    /// <returns>Which certificates are revoked.</returns>
    public static RevokedCertificates AddTo(
        LoopSet loops, ApiClient client, CrlAuthorities authorities, CrlTimes times, TimeProvider time, ILogger logger,
        Action<string>? faultPoint = null)
    {
        var revocations = loops.Follow(client, RevocationTypes.Certificates);
        var lists = loops.Follow(client, RevocationTypes.Lists);
        var keeper = new CrlKeeper(client, authorities, revocations, times, time, logger, faultPoint);
        var loop = loops.Add(new ControlLoop("revocationlist", keeper.ReconcileAsync, time, logger));
        keeper.Look = loop.Look;
        authorities.Changed += () => loop.Look(CrlKeeper.Survey);
        loop.Look(CrlKeeper.Survey);
        revocations.OnChange(change =>
        {
            if ((change.New ?? change.Old)?.Spec.Authority.KeyId is { Length: > 0 } keyId)
                loop.Look(new ObjectKey("", keyId));
        });
        lists.OnChange(change => loop.Look(new ObjectKey("", (change.New ?? change.Old)!.Metadata.Name)));
        loops.AddLoop("certificaterevocation", revocations, new RevocationCleaner(client, times, time).ReconcileAsync, 1);
        return new RevokedCertificates(revocations);
    }
}
