// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.ServiceAccounts;

/// <summary>Deletes bootstrap tokens (Secrets in kube-system) when their time has come.</summary>
internal sealed class BootstrapTokenCleaner(ApiClient client, TimeProvider time)
{
    public const string SecretType = "bootstrap.kubernetes.io/token";
    public const string Namespace = "kube-system";

    public async ValueTask<Reconciliation> ReconcileAsync(SecretView secret, CancellationToken cancellationToken)
    {
        if (secret.Type != SecretType || End(secret) is not { } end)
            return Reconciliation.Done;
        var left = end - time.GetUtcNow();
        if (left > TimeSpan.Zero)
            return Reconciliation.After(left);
        try
        {
            await client.DeleteAsync(
                ResourceTypes.Secrets, secret.Metadata.Namespace, secret.Metadata.Name,
                new DeletePreconditions { Uid = secret.Metadata.Uid, ResourceVersion = secret.Metadata.ResourceVersion },
                cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        return Reconciliation.Done;
    }

    /// <summary>When the token ends; a time that cannot be read has passed, as in kube-controller-manager.</summary>
    private static DateTimeOffset? End(SecretView secret)
    {
        if (secret.Data.GetValueOrDefault("expiration") is not { Length: > 0 } bytes)
            return null;
        return DateTimeOffset.TryParseExact(
            Encoding.UTF8.GetString(bytes), "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var end) ? end : DateTimeOffset.MinValue;
    }
}
