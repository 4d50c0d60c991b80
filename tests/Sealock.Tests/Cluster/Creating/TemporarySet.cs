// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Creating;

/// <summary>A set in a folder that is deleted in the end.</summary>
internal sealed class TemporarySet : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sealock-").FullName;

    public TemporarySet(ClusterConfiguration? configuration = null)
    {
        Configuration = configuration ?? Small;
        Folder = new(Path.Combine(_root, "set"));
        Directory.CreateDirectory(Folder.Root);
    }

    public static ClusterConfiguration Small { get; } = new()
    {
        EndpointHost = "api.example.com",
        Nodes =
        [
            new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] },
            new() { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.11")] },
        ],
    };

    public ClusterConfiguration Configuration { get; set; }

    public SetFolder Folder { get; }

    /// <summary>Starts now, since openssl has no other clock, and a little later, so that what openssl makes is valid.</summary>
    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow().AddMinutes(4));

    public ClusterPlan Plan => ClusterPlan.For(Configuration);

    public string Scratch => _root;

    public CreationReport Run(CreationOptions? options = null) =>
        SetCreator.Run(Plan, Folder, options ?? new(), Clock, CancellationToken.None);

    public StandingSet Standing() => StandingSet.Read(Plan, Folder, CancellationToken.None);

    public StandingCertificate Standing(string name, string node = "master1") => Standing()[Leaf(name, node)];

    public PlannedCertificate Leaf(string name, string node = "master1") =>
        Plan.Certificates.Single(certificate => certificate.Name == name && certificate.Node.Name == node);

    public string PathOf(string pathOnNode, string node = "master1") => Path.Combine(Folder.Root, "nodes", node) + pathOnNode;

    /// <summary>Every file but locks with its content.</summary>
    public IReadOnlyDictionary<string, string> Contents() => Directory.EnumerateFiles(Folder.Root, "*", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) != "lock").ToDictionary(path => Path.GetRelativePath(Folder.Root, path), File.ReadAllText);

    public void Dispose() => Directory.Delete(_root, recursive: true);

}
