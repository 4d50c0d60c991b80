// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Acme.Messages;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Renewal;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>Issuers that are ACME servers: a request becomes an Order, and is pending until that is done.</summary>
internal sealed class AcmeIssuerKind(ApiClient client, AcmeAccounts accounts, ReplacedCertificate replaced, AcmeOptions options) : IIssuerKind
{
    private const string OrderFailed = "OrderFailed";

    /// <summary>How often a request is ordered anew because the server forgot the order.</summary>
    private const int MostAttempts = 3;

    /// <summary>The Orders, as soon as they are followed.</summary>
    public Func<AcmeObjects?> Objects { get; set; } = () => null;

    public string Name => "acme";

    public ValueTask<IssuerCheck> CheckAsync(IssuerView issuer, string secretNamespace, CancellationToken cancellationToken) =>
        accounts.CheckAsync(issuer, secretNamespace, cancellationToken);

    public async ValueTask<SigningOutcome> SignAsync(SigningTask task, CancellationToken cancellationToken)
    {
        if (Objects() is not { } objects || AcmeIssuerView.Of(task.Issuer) is not { } settings)
            return new SigningOutcome.Pending("the ACME issuer cannot be used yet", TimeSpan.FromSeconds(30));
        if (Refuse(task, out var names) is { } refusal)
            return new SigningOutcome.Failed(OrderFailed, refusal);
        var @namespace = task.Request.Metadata.Namespace;
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var name = OrderNames.Order(task.Request, attempt);
            var order = objects.Order(@namespace, name);
            if (order is null)
                return await CreateAsync(task, objects, settings, names, name, cancellationToken);
            if (order.Status.State != OrderStates.Expired || attempt == MostAttempts - 1)
                return await OutcomeAsync(task, order, cancellationToken);
        }

        return new SigningOutcome.Failed(OrderFailed, "The ACME server forgot every order");
    }

    /// <summary>What no ACME server certifies; null where one may.</summary>
    private static string? Refuse(SigningTask task, out IReadOnlyList<AcmeIdentifier> names)
    {
        names = [];
        if (task.Request.Spec.IsCa)
            return "ACME servers issue no certificates of CAs (spec.isCA)";
        try
        {
            names = AcmeIdentifier.Of(task.Csr.Names);
        }
        catch (PkiFormatException fault)
        {
            return fault.Message;
        }

        if (names.Count == 0)
            return "the request names neither DNS names nor IP addresses: ACME servers certify nothing else";
        return task.Csr.Subject.CommonName is { Length: > 0 } common && !names.Any(name => name.Value.Equals(common, StringComparison.OrdinalIgnoreCase))
            ? $"The CSR PEM requests a commonName that is not present in the list of dnsNames or ipAddresses: {common}" : null;
    }

    private async ValueTask<SigningOutcome> CreateAsync(
        SigningTask task, AcmeObjects objects, AcmeIssuerView settings, IReadOnlyList<AcmeIdentifier> names, string name,
        CancellationToken cancellationToken)
    {
        var @namespace = task.Request.Metadata.Namespace;
        var replaces = await replaced.FindAsync(task, settings, cancellationToken);
        options.FaultPoint?.Invoke("acme.order.create");
        try
        {
            objects.WroteOrder(await client.CreateAsync(
                AcmeResources.Orders, @namespace, OrderObject.New(task, settings, names, replaces, name), cancellationToken));
        }
        catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
        {
            if (await client.FindAsync(AcmeResources.Orders, @namespace, name, cancellationToken) is { } order)
                objects.WroteOrder(order);
        }

        return new SigningOutcome.Pending($"Created Order resource {@namespace}/{name}");
    }

    private async ValueTask<SigningOutcome> OutcomeAsync(SigningTask task, OrderView order, CancellationToken cancellationToken)
    {
        var name = $"{order.Metadata.Namespace}/{order.Metadata.Name}";
        if (order.HasFailed)
        {
            return new SigningOutcome.Failed(
                OrderFailed, $"Failed to wait for order resource \"{order.Metadata.Name}\" to become ready: order is in \"{order.Status.State}\" state: {order.Status.Reason}");
        }

        var why = order.Status.Reason.Length > 0 ? $": {order.Status.Reason}" : "";
        if (order.Status.State != OrderStates.Valid)
            return new SigningOutcome.Pending($"Waiting on certificate issuance from order {name}: \"{order.Status.State}\"{why}");
        var whole = await client.FindAsync(AcmeResources.WholeOrders, order.Metadata.Namespace, order.Metadata.Name, cancellationToken);
        if (whole is null)
            return new SigningOutcome.Pending($"The order {name} is gone", TimeSpan.FromSeconds(1));
        var pem = Encoding.UTF8.GetString(whole.Status.Certificate);
        try
        {
            return Certificate.ListFromPem(pem)[0].PublicKey.Equals(task.Csr.PublicKey)
                ? new SigningOutcome.Issued(pem, "")
                : new SigningOutcome.Failed(OrderFailed, $"The certificate of the order {name} is for another key than was asked for");
        }
        catch (PkiFormatException fault)
        {
            return new SigningOutcome.Failed(OrderFailed, $"The certificate of the order {name} cannot be read: {fault.Message}");
        }
    }
}
