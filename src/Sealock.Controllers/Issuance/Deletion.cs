// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Issuance;

/// <summary>Deletes just what was looked at: what was changed meanwhile (a request that was issued, say) stays, and is looked at again.</summary>
internal static class Deletion
{
    /// <exception cref="ApiException">409 where the object is no longer the one that was looked at.</exception>
    public static async ValueTask OfAsync<T>(
        ApiClient client, IssuanceObjects objects, ResourceType<T> type, T @object, CancellationToken cancellationToken)
        where T : class, IObjectView
    {
        try
        {
            await client.DeleteAsync(type, @object.Metadata.Namespace, @object.Metadata.Name, new DeletePreconditions
            {
                Uid = @object.Metadata.Uid,
                ResourceVersion = @object.Metadata.ResourceVersion,
            }, cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        objects.Deleted(@object);
    }
}
