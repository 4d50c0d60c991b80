// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Controllers.Hosting;

namespace Sealock.Hosting;

/// <summary>Where <c>sealock controller</c> shows how it is.</summary>
/// <param name="Listen">Address and port.</param>
/// <param name="CertificateFile">Its certificate; null makes a self-signed one.</param>
/// <param name="KeyFile">Key of the certificate.</param>
/// <param name="ClientCaFile">CAs of the clients that may read metrics; null: everyone may.</param>
internal sealed record ControllerPageSettings(IPEndPoint Listen, string? CertificateFile, string? KeyFile, string? ClientCaFile);

/// <summary>How ACME's HTTP-01 validations come to <c>sealock controller</c>.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="Address">Where the cluster reaches it.</param>
internal sealed record ControllerSolverSettings(IPEndPoint Listen, IPAddress Address);

/// <summary>What <c>sealock controller</c> was told.</summary>
internal sealed record ControllerSettings
{
    /// <summary>Which loops run, and with what.</summary>
    public required ControllerOptions Options { get; init; }

    /// <summary>Whether the user named the loops; otherwise those whose kinds the cluster does not serve are left out.</summary>
    public bool Chosen { get; init; }

    /// <summary>Where ClusterIssuers have their Secrets.</summary>
    public required string ClusterResourceNamespace { get; init; }

    /// <summary>Whether CustomResourceDefinitions are installed first.</summary>
    public bool InstallCrds { get; init; }

    /// <summary>Namespace of the Lease that elects the leader; empty: the pod's own, else kube-system; null: nobody is elected.</summary>
    public string? LeaseNamespace { get; init; }

    /// <summary>How ACME's HTTP-01 validations come here over Ingresses; null: they do not.</summary>
    public ControllerSolverSettings? Solver { get; init; }

    /// <summary>Where metrics and health are served; null: nowhere.</summary>
    public ControllerPageSettings? Page { get; init; }
}
