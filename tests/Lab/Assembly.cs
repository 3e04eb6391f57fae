using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]
[assembly: NonParallelizable]
