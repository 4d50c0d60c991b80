// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>Deletes requests that have served their purpose, looking at each once an hour.</summary>
internal sealed class RequestCleaner(ApiClient client, TimeProvider time)
{
    public async ValueTask<Reconciliation> ReconcileAsync(RequestView request, CancellationToken cancellationToken)
    {
        if (CleaningRules.MayGo(request, time.GetUtcNow()) is null)
            return Reconciliation.After(CleaningRules.Interval);
        try
        {
            await client.DeleteAsync(
                ResourceTypes.Requests, "", request.Metadata.Name,
                new DeletePreconditions { Uid = request.Metadata.Uid, ResourceVersion = request.Metadata.ResourceVersion },
                cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        return Reconciliation.Done;
    }
}
