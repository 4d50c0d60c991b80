// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Inspecting;

namespace Sealock.Tests.Cluster.Inspecting;

public sealed class InspectionTargetTests
{
    [Theory]
    [InlineData("-", "StandardInput { }")]
    [InlineData("a.crt", "FilePath { Path = a.crt }")]
    [InlineData("there:443", "FilePath { Path = there:443 }")]
    [InlineData("./host:443", "FilePath { Path = ./host:443 }")]
    [InlineData("host:6443", "Endpoint { Host = host, Port = 6443 }")]
    [InlineData("10.0.0.1:2379", "Endpoint { Host = 10.0.0.1, Port = 2379 }")]
    [InlineData("[::1]:443", "Endpoint { Host = ::1, Port = 443 }")]
    [InlineData("host", "FilePath { Path = host }")]
    [InlineData("host:", "FilePath { Path = host: }")]
    [InlineData("host:x", "FilePath { Path = host:x }")]
    [InlineData("host:70000", "FilePath { Path = host:70000 }")]
    [InlineData("https://host", "Endpoint { Host = host, Port = 443 }")]
    [InlineData("https://host:6443/version?x", "Endpoint { Host = host, Port = 6443 }")]
    [InlineData("https://", "Wrong")]
    [InlineData("http://host", "Wrong")]
    [InlineData("file:///etc/x", "Wrong")]
    [InlineData("", "Wrong")]
    public void Targets_are_told_apart(string text, string target) =>
        Assert.StartsWith(target, InspectionTarget.Parse(text, path => path == "there:443").ToString(), StringComparison.Ordinal);
}
