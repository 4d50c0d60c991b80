// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster;

/// <summary>A complete set in a folder that is deleted afterwards: two control-plane nodes and a worker.</summary>
internal sealed class CompleteSet : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sealock-").FullName;

    public CompleteSet(Func<ClusterConfiguration, ClusterConfiguration>? change = null)
    {
        var configuration = new ClusterConfiguration
        {
            EndpointHost = "api.example.com",
            Nodes =
            [
                new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] },
                new() { Name = "master2", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.2")] },
                new() { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.11")] },
            ],
        };
        Plan = ClusterPlan.For(change is null ? configuration : change(configuration));
        Folder = new(_root);
        SetCreator.Run(Plan, Folder, new(), Clock, CancellationToken.None);
    }

    public FakeTimeProvider Clock { get; } = new();

    public ClusterPlan Plan { get; }

    public SetFolder Folder { get; }

    public StandingSet Read() => StandingSet.Read(Plan, Folder, CancellationToken.None);

    public StandingCertificate Leaf(string title) => Read().Certificates.Single(certificate => certificate.Planned.Title == title);

    public StandingFile File(string title) => Read().Files.Single(file => file.Planned.Title == title);

    /// <summary>All files of the set and what is in them; not what locks and journals are kept in.</summary>
    public Dictionary<string, string> Contents() => Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/state/", StringComparison.Ordinal) && !path.Contains("/.sealock/", StringComparison.Ordinal))
        .ToDictionary(path => path, System.IO.File.ReadAllText);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
