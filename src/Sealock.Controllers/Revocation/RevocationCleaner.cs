// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Revocation;

/// <summary>Deletes revocations of certificates that have expired, once every list has said what it had to.</summary>
internal sealed class RevocationCleaner(ApiClient client, CrlTimes times, TimeProvider time)
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromDays(1);

    public async ValueTask<Reconciliation> ReconcileAsync(RevocationView revocation, CancellationToken cancellationToken)
    {
        if (revocation.Spec.NotAfter is not { } end || revocation.Metadata.DeletionTimestamp is not null)
            return Reconciliation.Done;
        var left = end + times.Validity - time.GetUtcNow();
        if (left > TimeSpan.Zero)
            return Reconciliation.After(left < LongestRest ? left : LongestRest);
        var list = await client.FindAsync(RevocationTypes.WholeLists, "", revocation.Spec.Authority.KeyId, cancellationToken);
        var present = list is null ? null : CrlKeeper.Read(list);
        if (!CrlRules.MayGo(CrlRules.Dated(revocation), present, present is not null, time.GetUtcNow(), times))
            return Reconciliation.After(times.Validity / 3);
        try
        {
            await client.DeleteAsync(
                RevocationTypes.Certificates, "", revocation.Metadata.Name,
                new DeletePreconditions { Uid = revocation.Metadata.Uid, ResourceVersion = revocation.Metadata.ResourceVersion },
                cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        return Reconciliation.Done;
    }
}
